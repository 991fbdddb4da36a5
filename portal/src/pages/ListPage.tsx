/** The list of one kind. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { fewEntitiesQuery } from "../api/queries";
import type { Kind } from "../api/types";
import { kindInfo } from "../entities/kinds";
import { EntityList } from "../lists/EntityList";
import type { FilterChoice } from "../lists/FilterBar";
import styles from "../lists/lists.module.css";
import { Empty } from "../states/Empty";
import { firstOf } from "./lessons";

export const RUN_CHOICES: readonly FilterChoice[] = [
  { name: "state", label: "State", values: ["running", "queued", "waiting", "finished", "failed", "stopped", "lost"] },
  { name: "run_kind", label: "Kind", values: ["tracking", "task", "workflow", "job"] },
];

export function ListPage({ kind }: { kind: Kind }) {
  const info = kindInfo(kind);
  const projects = useQuery({ ...fewEntitiesQuery({ kind: "project", limit: 200 }), enabled: kind !== "project" });
  const names = projects.data?.items.map((project) => project.name) ?? [];
  useEffect(() => {
    document.title = `${info.many} · Hendrix`;
  }, [info.many]);
  const choices: FilterChoice[] = [
    ...(kind === "run" ? RUN_CHOICES : []),
    ...(kind === "deployment" ? [{ name: "state", label: "State", values: ["running", "stopped", "failed"] }] : []),
    ...(kind === "project" ? [] : [{ name: "project", label: "Project", values: names }]),
  ];
  const lesson = firstOf(kind);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{info.many}</h1>
      <div className={styles.body}>
        <EntityList kind={kind} choices={choices} empty={<Empty title={`No ${info.many.toLowerCase()} yet`} sentence={lesson.sentence} snippet={lesson.snippet} />} />
      </div>
    </div>
  );
}
