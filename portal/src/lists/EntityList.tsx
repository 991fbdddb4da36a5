/** The one list: filtered by the server, virtual rows, keys, selection, and a panel beside it. */

import { Checkbox, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type RowSelectionState, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import type { Params } from "../api/client";
import { entitiesQuery } from "../api/queries";
import type { Entity, Kind } from "../api/types";
import { useKeys } from "../app/keys";
import { navigate, useAddress, wantsNewTab } from "../app/navigation";
import { pathOf } from "../entities/address";
import { kindInfo } from "../entities/kinds";
import { Icon } from "../entities/icons";
import { ProblemView } from "../states/ProblemView";
import { columnsFor, features } from "./columns";
import { type FilterChoice, FilterBar } from "./FilterBar";
import styles from "./lists.module.css";
import { SelectionBar } from "./SelectionBar";
import { SidePanel } from "./SidePanel";

const ROW_PX = 32;
const HEAD_PX = 32;
const NO_ENTITIES: Entity[] = [];

interface EntityListProps {
  kind: Kind;
  /** What holds for this list whatever the filters say, such as a project. */
  fixed?: Params;
  choices?: readonly FilterChoice[];
  /** Shown when there is nothing at all; filters that match nothing are told apart. */
  empty: ReactNode;
}

export function EntityList({ kind, fixed, choices = [], empty }: EntityListProps) {
  const [search, change] = useAddress();
  const oldestFirst = search.order === "oldest";
  const filters: Params = { ...Object.fromEntries(choices.map(({ name }) => [name, search[name]])), text: search.q, tag: search.tag };
  const list = useInfiniteQuery(entitiesQuery({ kind, ...filters, order: oldestFirst ? "oldest" : undefined, ...fixed }));
  const entities = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? NO_ENTITIES, [list.data]);
  const total = list.data?.pages[0]?.total ?? null;

  const isInProject = fixed?.project !== undefined;
  const { columns, shown } = useMemo(() => columnsFor(kind, entities, isInProject), [kind, entities, isInProject]);
  const wantedColumns = search.cols ? search.cols.split(",") : shown;
  const [rowSelection, setRowSelection] = useState<RowSelectionState>({});
  const [at, setAt] = useState(-1);
  const columnVisibility = Object.fromEntries(columns.map(({ id }) => [id, wantedColumns.includes(id)]));
  const table = useTable({
    features,
    columns,
    data: entities,
    getRowId: (entity) => entity.id,
    state: { rowSelection, columnVisibility },
    onRowSelectionChange: setRowSelection,
  });
  const rows = table.getRowModel().rows;
  const visible = table.getVisibleLeafColumns();
  const tracks = `36px ${visible.map((column) => column.columnDef.meta?.width ?? "1fr").join(" ")}`;

  const scroller = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastSeen >= rows.length - 40) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastSeen, rows.length]);

  const peeked = search.peek;
  const current = entities[at];
  const move = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    setAt(next);
    virtual.scrollToIndex(next);
    const entity = entities[next];
    if (peeked && entity) change({ peek: entity.ref }, { replace: true });
  };
  const selected = table.getSelectedRowModel().rows.map((row) => row.original);
  const compare = () => navigate(`/compare?runs=${selected.map((run) => run.id.replaceAll("-", "")).join(",")}`);
  useKeys([
    { keys: "/", does: "Filter the list", run: () => input.current?.focus() },
    { keys: "j", does: "Next row", run: () => move(1) },
    { keys: "k", does: "Previous row", run: () => move(-1) },
    { keys: "o", does: "Look at the row in the panel", run: () => current && change({ peek: current.ref }) },
    { keys: "Enter", does: "Open the row as a page", run: () => current && navigate(pathOf(current.ref)) },
    { keys: "x", does: "Select the row", run: () => current && table.getRow(current.id).toggleSelected() },
    ...(kind === "run" && selected.length > 1 ? [{ keys: "c", does: "Compare the selected runs", run: compare }] : []),
    ...(peeked ? [{ keys: "Escape", does: "Close the panel", run: () => change({ peek: undefined }) }] : []),
  ]);

  const onRow = (event: MouseEvent, index: number, entity: Entity) => {
    if ((event.target as HTMLElement).closest("a, label, input")) return;
    if (wantsNewTab(event)) window.open(pathOf(entity.ref));
    else {
      setAt(index);
      change({ peek: entity.ref }, { replace: peeked !== undefined });
    }
  };
  const onColumn = (id: string, isShown: boolean) => {
    const next = isShown ? [...wantedColumns, id] : wantedColumns.filter((each) => each !== id);
    change({ cols: next.join(",") }, { replace: true });
  };

  const isFiltered = Boolean(search.q || search.tag || choices.some(({ name }) => search[name]));
  const noun = kindInfo(kind).many.toLowerCase();
  if (list.isError && !list.data) return <ProblemView error={list.error} retry={() => void list.refetch()} />;
  if (list.isSuccess && !list.isPlaceholderData && entities.length === 0 && !isFiltered) return <>{empty}</>;

  return (
    <div className={styles.layout} data-peeking={peeked !== undefined}>
      <div className={styles.main}>
        <FilterBar
          search={search}
          change={change}
          choices={choices}
          one={kindInfo(kind).one.toLowerCase()}
          noun={noun}
          total={total}
          isFetching={list.isFetching}
          input={input}
          columns={columns.map(({ id, meta }) => ({ id, label: meta.label, isShown: wantedColumns.includes(id) }))}
          onColumn={onColumn}
        />
        <div className={styles.scroller} ref={scroller}>
          <div role="grid" aria-label={kindInfo(kind).many} aria-rowcount={total ?? rows.length} aria-busy={list.isFetching} className={styles.grid} style={{ height: virtual.getTotalSize() + HEAD_PX }}>
            <div role="row" className={styles.head} style={{ gridTemplateColumns: tracks }}>
              <span role="columnheader">
                <Checkbox
                  size="xs"
                  aria-label="Select all loaded rows"
                  checked={table.getIsAllRowsSelected()}
                  indeterminate={table.getIsSomeRowsSelected()}
                  onChange={() => table.toggleAllRowsSelected()}
                />
              </span>
              {visible.map((column) => {
                const meta = column.columnDef.meta;
                if (column.id !== "created") {
                  return (
                    <span key={column.id} role="columnheader" data-align={meta?.align}>
                      {meta?.label}
                    </span>
                  );
                }
                return (
                  <span key={column.id} role="columnheader" aria-sort={oldestFirst ? "ascending" : "descending"}>
                    <button type="button" onClick={() => change({ order: oldestFirst ? undefined : "oldest" })}>
                      {meta?.label} <Icon name={oldestFirst ? "up" : "down"} size={11} />
                    </button>
                  </span>
                );
              })}
            </div>
            {list.isPending &&
              Array.from({ length: 14 }, (_, index) => (
                <div key={index} className={styles.row} style={{ gridTemplateColumns: tracks, top: HEAD_PX + index * ROW_PX }}>
                  <span />
                  {visible.map((column) => (
                    <span key={column.id}>
                      <Skeleton height={10} width={`${55 + ((index * 17 + column.id.length * 9) % 35)}%`} />
                    </span>
                  ))}
                </div>
              ))}
            {items.map((item) => {
              const row = rows[item.index];
              if (!row) return null;
              return (
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={row.getIsSelected()}
                  className={styles.row}
                  data-at={item.index === at}
                  data-peeked={row.original.ref === peeked}
                  style={{ gridTemplateColumns: tracks, top: item.start }}
                  onClick={(event) => onRow(event, item.index, row.original)}
                  onAuxClick={(event) => onRow(event, item.index, row.original)}
                >
                  <span role="gridcell">
                    <Checkbox size="xs" aria-label={`Select ${row.original.name}`} checked={row.getIsSelected()} onChange={row.getToggleSelectedHandler()} />
                  </span>
                  {row.getVisibleCells().map((cell) => (
                    <span key={cell.id} role="gridcell" data-align={cell.column.columnDef.meta?.align}>
                      <table.FlexRender cell={cell} />
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
          {list.isSuccess && entities.length === 0 && isFiltered && (
            <p className={styles.noMatch}>
              No {noun} match.{" "}
              <button type="button" onClick={() => change({ q: undefined, tag: undefined, ...Object.fromEntries(choices.map(({ name }) => [name, undefined])) })}>
                Clear the filters
              </button>
            </p>
          )}
        </div>
        {selected.length > 0 && <SelectionBar selected={selected} columns={visible.map(({ id }) => id)} onCompare={kind === "run" ? compare : undefined} onClear={() => table.resetRowSelection(true)} />}
      </div>
      {peeked && <SidePanel key={peeked} reference={peeked} onClose={() => change({ peek: undefined })} />}
    </div>
  );
}
