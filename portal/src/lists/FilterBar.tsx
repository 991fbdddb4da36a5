/** The filters of a list: what is asked of the server stands here, and in the address. */

import { ActionIcon, Button, Menu, TextInput, Tooltip } from "@mantine/core";
import { type RefObject, useEffect, useState } from "react";

import type { Search, SetSearch } from "../app/navigation";
import { Icon } from "../entities/icons";
import { countOf, formatExact } from "../format/numbers";
import { titleOf } from "../format/text";
import styles from "./lists.module.css";

export interface FilterChoice {
  /** The parameter of the API and of the address. */
  name: string;
  label: string;
  values: readonly string[];
}

interface FilterBarProps {
  search: Search;
  change: SetSearch;
  choices: readonly FilterChoice[];
  /** The word for one row, and for more. */
  one: string;
  noun: string;
  total: number | null;
  isFetching: boolean;
  input: RefObject<HTMLInputElement | null>;
  columns: readonly { id: string; label: string; isShown: boolean }[];
  onColumn: (id: string, isShown: boolean) => void;
}

const KEYSTROKE_MS = 180;

function TextFilter({ search, change, noun, input }: Pick<FilterBarProps, "search" | "change" | "noun" | "input">) {
  const applied = search.q ?? "";
  const [text, setText] = useState(applied);
  const [seen, setSeen] = useState(applied);
  if (applied !== seen) {
    // The address moved by itself (back, a chip): the box follows.
    setSeen(applied);
    setText(applied);
  }
  useEffect(() => {
    if (text === applied) return;
    const timer = window.setTimeout(() => change({ q: text }, { replace: true }), KEYSTROKE_MS);
    return () => window.clearTimeout(timer);
  }, [text, applied, change]);
  return (
    <TextInput
      ref={input}
      size="xs"
      className={styles.text}
      placeholder={`Filter ${noun} by name`}
      aria-label={`Filter ${noun} by name`}
      leftSection={<Icon name="search" size={14} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          setText("");
          event.currentTarget.blur();
        }
      }}
    />
  );
}

function Choice({ choice, value, change }: { choice: FilterChoice; value: string | undefined; change: SetSearch }) {
  if (value) {
    return (
      <span className={styles.chip}>
        {choice.label}: <b>{titleOf(value)}</b>
        <button type="button" aria-label={`Remove the filter ${choice.label}`} onClick={() => change({ [choice.name]: undefined })}>
          <Icon name="close" size={12} />
        </button>
      </span>
    );
  }
  return (
    <Menu position="bottom-start" shadow="none" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" size="compact-sm" rightSection={<Icon name="down" size={12} />} className={styles.choice}>
          {choice.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} className={styles.menu}>
        {choice.values.map((each) => (
          <Menu.Item key={each} onClick={() => change({ [choice.name]: each })}>
            {titleOf(each)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function FilterBar({ search, change, choices, one, noun, total, isFetching, input, columns, onColumn }: FilterBarProps) {
  return (
    <div className={styles.filters} role="search">
      <TextFilter search={search} change={change} noun={noun} input={input} />
      {choices.map((choice) =>
        choice.values.length > 0 || search[choice.name] ? <Choice key={choice.name} choice={choice} value={search[choice.name]} change={change} /> : null,
      )}
      {search.tag && <Choice choice={{ name: "tag", label: "Tag", values: [] }} value={search.tag} change={change} />}
      <span className={styles.total} role="status" title={formatExact(total)} data-fetching={isFetching}>
        {total === null ? "" : countOf(total, one, noun)}
      </span>
      <Menu position="bottom-end" shadow="none" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Tooltip label="Columns" openDelay={400} transitionProps={{ duration: 0 }}>
            <ActionIcon variant="subtle" color="gray" aria-label="Columns">
              <Icon name="columns" />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown mah={420} className={styles.menu}>
          {columns.map((column) => (
            <Menu.CheckboxItem key={column.id} checked={column.isShown} onChange={(isShown) => onColumn(column.id, isShown)}>
              {column.label}
            </Menu.CheckboxItem>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
