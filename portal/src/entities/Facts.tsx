/** Any JSON facts, shown well: scalars as definitions, lists of records as tables, records within as sections. */

import { useState } from "react";

import type { Json, JsonRecord } from "../api/types";
import { titleOf } from "../format/text";
import { countOf } from "../format/numbers";
import styles from "./Facts.module.css";
import { Value, isScalar, plainText } from "./values";

const SHOWN_ROWS = 12;
const LONG_LIST = 8;
/** What only the machine needs to notice that a file changed. */
const FOR_MACHINES = new Set(["mtime_ns", "inode"]);

/** What names a row leads, what only identifies it follows: the server's JSON is sorted by name. */
const LEADING = ["name", "path", "column"];
const TRAILING = ["id", "digest", "sha256"];
const place = (column: string) => (LEADING.includes(column) ? LEADING.indexOf(column) - LEADING.length : TRAILING.indexOf(column) + 1);

const isRecord = (value: Json | undefined): value is JsonRecord => value != null && typeof value === "object" && !Array.isArray(value);
const isRecordList = (value: Json): value is JsonRecord[] => Array.isArray(value) && value.length > 0 && value.every(isRecord);
const isOneLine = (value: Json) => isScalar(value) || (Array.isArray(value) && value.length <= LONG_LIST && value.every(isScalar));

function RecordTable({ name, rows }: { name: string; rows: JsonRecord[] }) {
  const [isWhole, setWhole] = useState(false);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => !FOR_MACHINES.has(column)).toSorted((one, other) => place(one) - place(other));
  const isNumeric = (column: string) => rows.some((row) => typeof row[column] === "number") && rows.every((row) => row[column] == null || typeof row[column] === "number");
  const shown = isWhole ? rows : rows.slice(0, SHOWN_ROWS);
  return (
    <div className={styles.scroll}>
      <table className="plain-table" aria-label={titleOf(name)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className={isNumeric(column) ? "number" : undefined}>
                {titleOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column} className={isNumeric(column) ? "number" : column === "type" || column === "path" ? "mono" : undefined}>
                  <Value name={column} value={row[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN_ROWS && (
        <button type="button" className={styles.more} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${countOf(rows.length, "row")}`}
        </button>
      )}
    </div>
  );
}

function Block({ name, value, depth }: { name: string; value: Json; depth: number }) {
  if (isRecordList(value)) return <RecordTable name={name} rows={value} />;
  if (isRecord(value) && Object.keys(value).length > 0) return <Facts facts={value} depth={depth + 1} />;
  if (Array.isArray(value)) {
    return (
      <ul className={styles.pills}>
        {value.map((item, index) => (
          <li key={index}>{plainText(item)}</li>
        ))}
      </ul>
    );
  }
  return <span className="muted">None</span>;
}

export function Facts({ facts, depth = 0, skip = [] }: { facts: JsonRecord; depth?: number; skip?: readonly string[] }) {
  const entries = Object.entries(facts).filter(([name]) => !skip.includes(name));
  const lines = entries.filter(([, value]) => isOneLine(value));
  const blocks = entries.filter(([, value]) => !isOneLine(value));
  const Heading = depth === 0 ? "h2" : "h3";
  return (
    <div className={styles.facts}>
      {lines.length > 0 && (
        <dl className={styles.lines}>
          {lines.map(([name, value]) => (
            <div key={name}>
              <dt>{titleOf(name)}</dt>
              <dd>
                <Value name={name} value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {blocks.map(([name, value]) => (
        <section key={name}>
          <Heading>{titleOf(name)}</Heading>
          <Block name={name} value={value} depth={depth} />
        </section>
      ))}
    </div>
  );
}
