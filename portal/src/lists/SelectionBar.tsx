/** What can be done with the selected rows. */

import { Button } from "@mantine/core";

import type { Entity, Json } from "../api/types";
import { Icon } from "../entities/icons";
import { countOf } from "../format/numbers";
import { saveText, toCsv } from "./csv";
import styles from "./lists.module.css";

interface SelectionBarProps {
  selected: readonly Entity[];
  /** The columns in view: those are what the file holds. */
  columns: readonly string[];
  onCompare: (() => void) | undefined;
  onClear: () => void;
}

const FIELDS: Partial<Record<string, (entity: Entity) => Json | undefined>> = {
  name: (entity) => entity.name,
  state: (entity) => entity.state,
  project: (entity) => entity.project,
  owner: (entity) => entity.owner ?? entity.created_by,
  created: (entity) => entity.created_at,
  updated: (entity) => entity.updated_at,
  tags: (entity) => entity.tags,
  description: (entity) => entity.description,
  id: (entity) => entity.id,
  run_kind: (entity) => entity.facts.run_kind,
  aliases: (entity) => entity.aliases.join(" "),
  duration: (entity) => (entity.started_at && entity.ended_at ? (Date.parse(entity.ended_at) - Date.parse(entity.started_at)) / 1000 : null),
};

function fieldOf(entity: Entity, column: string): Json | undefined {
  const known = FIELDS[column];
  if (known) return known(entity);
  const name = column.slice(column.indexOf(".") + 1);
  if (column.startsWith("fact.")) return entity.facts[name];
  const metrics = entity.facts.metrics;
  if (Array.isArray(metrics)) return metrics.find((each) => each && typeof each === "object" && "name" in each && each.name === name);
  return metrics && typeof metrics === "object" ? metrics[name] : null;
}

export function SelectionBar({ selected, columns, onCompare, onClear }: SelectionBarProps) {
  const save = () => {
    const rows = selected.map((entity) => [entity.ref, ...columns.map((column) => fieldOf(entity, column))]);
    saveText("hendrix.csv", "text/csv", toCsv(["ref", ...columns], rows));
  };
  return (
    <div className={styles.selection} role="toolbar" aria-label="Selected rows">
      <b>{countOf(selected.length, "row")} selected</b>
      {onCompare && (
        <Button size="compact-sm" disabled={selected.length < 2} leftSection={<Icon name="compare" size={14} />} onClick={onCompare} title="c">
          Compare
        </Button>
      )}
      <Button size="compact-sm" variant="default" leftSection={<Icon name="copy" size={14} />} onClick={() => void navigator.clipboard.writeText(selected.map((entity) => entity.ref).join("\n"))}>
        Copy references
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<Icon name="download" size={14} />} onClick={save}>
        CSV
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
