/** Copies a text, and says that it did. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

import { Icon } from "../entities/icons";

const SHOWN_MS = 1400;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = window.setTimeout(() => setCopied(false), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  return (
    <Tooltip label={isCopied ? "Copied" : label} openDelay={isCopied ? 0 : 300} transitionProps={{ duration: 0 }}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label}
        onClick={(event) => {
          event.stopPropagation();
          void navigator.clipboard.writeText(text).then(() => setCopied(true));
        }}
      >
        <Icon name={isCopied ? "check" : "copy"} size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
