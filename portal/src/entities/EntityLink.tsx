/** An entity as a noun in a sentence: its icon, its name, its address. */

import type { Kind } from "../api/types";
import { Link } from "../app/navigation";
import { shortId } from "../format/text";
import { pathOf } from "./address";
import styles from "./EntityLink.module.css";
import { Icon } from "./icons";
import { kindInfo } from "./kinds";

interface EntityLinkProps {
  reference: string;
  kind: Kind;
  name: string;
  version?: number | null;
  withIcon?: boolean;
}

export function EntityLink({ reference, kind, name, version = null, withIcon = true }: EntityLinkProps) {
  const info = kindInfo(kind);
  const label = name || shortId(reference.slice(reference.lastIndexOf("/") + 1));
  return (
    <Link to={pathOf(reference)} className={styles.link} title={`${info.one} ${reference}`} data-family={info.family}>
      {withIcon && <Icon name={info.icon} size={14} />}
      <span>{version == null ? label : `${label} v${version}`}</span>
    </Link>
  );
}
