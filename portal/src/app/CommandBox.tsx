/** Ctrl-K: one box that finds entities and jumps to pages. */

import { Kbd, Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";

import { fewEntitiesQuery } from "../api/queries";
import type { Entity } from "../api/types";
import { parseRef, pathOf } from "../entities/address";
import { type IconName, Icon } from "../entities/icons";
import { kindInfo, titleOfEntity } from "../entities/kinds";
import { shortId } from "../format/text";
import styles from "./Frame.module.css";
import { navigate } from "./navigation";
import type { Room } from "./rooms";

interface Result {
  id: string;
  group: "Go to" | "Found";
  icon: IconName;
  label: string;
  note: string;
  path: string;
}

const KEYSTROKE_MS = 80;

/** How far a hit is from what was typed: the very name, then names that begin so; what has a name of its own before runs. */
function distance(entity: Entity, wanted: string): number {
  const name = entity.name.toLowerCase();
  return (name === wanted ? 0 : name.startsWith(wanted) ? 4 : 8) + (entity.kind === "run" ? 2 : 0) + (entity.version === null ? 0 : 1);
}

/** A pasted reference or the id of a run is its own answer. */
function directHit(text: string): Result | null {
  const bare = text.replaceAll("-", "").toLowerCase();
  const ref = /^[0-9a-f]{32}$/.test(bare) ? `hx://default/run/${bare}` : text;
  const parts = parseRef(ref);
  if (!parts) return null;
  const info = kindInfo(parts.kind);
  return { id: "direct", group: "Go to", icon: info.icon, label: parts.selector ? `${parts.name}@${parts.selector}` : parts.name, note: info.one, path: pathOf(ref) };
}

export function CommandBox({ rooms, onClose }: { rooms: readonly Room[]; onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [settled] = useDebouncedValue(text.trim(), KEYSTROKE_MS);
  const found = useQuery({ ...fewEntitiesQuery({ text: settled, limit: 20 }), enabled: settled !== "" });
  const list = useRef<HTMLDivElement>(null);

  const wanted = text.trim().toLowerCase();
  const pages: Result[] = rooms
    .filter((room) => room.label.toLowerCase().includes(wanted))
    .map((room) => ({ id: room.id, group: "Go to", icon: room.icon, label: room.label, note: room.key ? `g ${room.key}` : "", path: room.path }));
  const entities: Result[] = (wanted ? (found.data?.items ?? []) : []).toSorted((one, other) => distance(one, wanted) - distance(other, wanted)).map((entity) => ({
    id: entity.id,
    group: "Found",
    icon: kindInfo(entity.kind).icon,
    label: titleOfEntity(entity),
    note: `${kindInfo(entity.kind).one}${entity.kind === "run" ? ` ${shortId(entity.id)}` : ""}`,
    path: pathOf(entity.ref),
  }));
  const direct = directHit(text.trim());
  const results = direct ? [direct] : [...entities, ...pages];
  const chosen = results[Math.min(at, results.length - 1)];

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const open = (result: Result | undefined) => {
    if (!result) return;
    onClose();
    navigate(result.path);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, results.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") open(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={600}
      yOffset="12vh"
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      aria-label="Find anything"
      shadow="none"
      overlayProps={{ backgroundOpacity: 0.35 }}
    >
      <input
        className={styles.jumpInput}
        data-autofocus
        placeholder="Find a run, a dataset, a model, a page"
        aria-label="Find anything"
        role="combobox"
        aria-expanded
        aria-controls="found"
        aria-activedescendant={chosen ? `found-${chosen.id}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div className={styles.results} id="found" role="listbox" aria-label="Results" ref={list}>
        {results.map((result, index) => (
          <div key={result.id} role="presentation">
            {result.group !== results[index - 1]?.group && (
              <div className={styles.group} role="presentation">
                {result.group}
              </div>
            )}
            <div
              id={`found-${result.id}`}
              className={styles.result}
              role="option"
              aria-selected={result === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => open(result)}
            >
              <Icon name={result.icon} />
              <b>{result.label}</b>
              <small>{result.note}</small>
            </div>
          </div>
        ))}
        {results.length === 0 && <div className={styles.none}>{found.isFetching ? "Looking" : `Nothing is called ${text.trim()}`}</div>}
      </div>
      <div className={styles.jumpFoot} aria-hidden="true">
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> move
        </span>
        <span>
          <Kbd size="xs">Enter</Kbd> open
        </span>
        <span>
          <Kbd size="xs">Esc</Kbd> close
        </span>
      </div>
    </Modal>
  );
}
