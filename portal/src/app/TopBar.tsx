/** The bar above every page: where one is, the jump box, liveness and the colour scheme. */

import { ActionIcon, Kbd, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { Fragment } from "react";

import { type IconName, Icon } from "../entities/icons";
import { parseRef, pathOf, refOf } from "../entities/address";
import { kindInfo } from "../entities/kinds";
import { shortId } from "../format/text";
import styles from "./Frame.module.css";
import { type Liveness, useLiveness } from "./live";
import { Link, usePathname } from "./navigation";
import { roomOfPath } from "./rooms";

interface Crumb {
  label: string;
  path: string;
}

function crumbsOf(path: string): Crumb[] {
  const ref = refOf(path);
  const parts = ref ? parseRef(ref) : null;
  if (!ref || !parts) {
    const room = roomOfPath(path);
    return room ? [{ label: room.label, path }] : [{ label: path === "/compare" ? "Compare runs" : "Hendrix", path }];
  }
  const info = kindInfo(parts.kind);
  const isHex = /^[0-9a-f]{32}$/.test(parts.name);
  const named = { label: isHex ? shortId(parts.name) : parts.name, path: pathOf(ref.replace(/@.*$/, "")) };
  const list = { label: info.many, path: info.list };
  if (parts.selector === null) return [list, named];
  return [list, named, { label: /^\d+$/.test(parts.selector) ? `v${parts.selector}` : parts.selector, path }];
}

const LIVE_WORDS: Record<Liveness, [string, string]> = {
  connecting: ["Connecting", "Waiting for the event stream"],
  live: ["Live", "Changes appear by themselves"],
  behind: ["Behind", "The event stream is away; what you see may be old. Trying again."],
};

const SCHEMES: readonly { value: "light" | "dark" | "auto"; label: string; icon: IconName }[] = [
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
  { value: "auto", label: "As the system", icon: "computer" },
];

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const current = SCHEMES.find((scheme) => scheme.value === colorScheme) ?? SCHEMES[2];
  return (
    <Menu position="bottom-end" width={172} transitionProps={{ duration: 0 }} shadow="none" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label="Colours">
          <Icon name={current?.icon ?? "computer"} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={<Icon name={scheme.icon} />}
            rightSection={scheme.value === colorScheme ? <Icon name="check" size={14} /> : null}
            onClick={() => setColorScheme(scheme.value)}
          >
            {scheme.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function TopBar({ onJump, onHelp }: { onJump: () => void; onHelp: () => void }) {
  const crumbs = crumbsOf(usePathname());
  const liveness = useLiveness();
  const [word, meaning] = LIVE_WORDS[liveness];
  return (
    <header className={styles.bar}>
      <nav className={styles.crumbs} aria-label="Breadcrumbs">
        {crumbs.map((crumb, index) => (
          <Fragment key={crumb.path}>
            {index > 0 && (
              <span className={styles.slash} aria-hidden="true">
                /
              </span>
            )}
            <Link to={crumb.path} aria-current={index === crumbs.length - 1 ? "page" : undefined}>
              {crumb.label}
            </Link>
          </Fragment>
        ))}
      </nav>
      <span className={styles.live} data-state={liveness} title={meaning} role="status">
        <i aria-hidden="true" />
        {word}
      </span>
      <button type="button" className={styles.find} onClick={onJump} aria-label="Find anything">
        <Icon name="search" />
        <span>Find anything</span>
        <Kbd size="xs" aria-hidden="true">
          Ctrl K
        </Kbd>
      </button>
      <Tooltip label="Keys (?)" withArrow={false} openDelay={400} transitionProps={{ duration: 0 }}>
        <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={onHelp}>
          <Icon name="key" />
        </ActionIcon>
      </Tooltip>
      <SchemeMenu />
    </header>
  );
}
