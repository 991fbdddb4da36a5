/** A relative time with the exact one behind it. */

import { useNow } from "../app/clock";
import { formatAgo, formatInstant } from "../format/time";

export function When({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (at == null) return <span className="muted">–</span>;
  return (
    <time dateTime={at} title={formatInstant(at)} className="nowrap">
      {formatAgo(at, now)}
    </time>
  );
}
