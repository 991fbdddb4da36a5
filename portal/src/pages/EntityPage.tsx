/** The one page for every entity: header, key figures, tabs, and the rail of provenance. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, useEffect, useMemo } from "react";

import { deploymentLog, entitiesQuery, entityQuery, modelQuery, runLog, runQuery, servingQuery } from "../api/queries";
import type { Entity, Kind, RunDetail } from "../api/types";
import { useNow } from "../app/clock";
import { EntityLink } from "../entities/EntityLink";
import { EntityHeader } from "../entities/EntityHeader";
import { Facts } from "../entities/Facts";
import { Happenings } from "../entities/Happenings";
import { KeyFigures } from "../entities/KeyFigures";
import { Provenance } from "../entities/Provenance";
import { type KeyFigure, containerFigures, keyFigures, runFigures } from "../entities/keyFigures";
import { VERSION_KINDS, kindInfo, titleOfEntity } from "../entities/kinds";
import { Empty } from "../states/Empty";
import { ProblemView } from "../states/ProblemView";
import { PageSkeleton } from "../states/Waiting";
import { DeploymentOverview, servingFigures } from "./DeploymentOverview";
import { EvaluationReport } from "./EvaluationReport";
import { RUN_CHOICES } from "./ListPage";
import { Log } from "./Log";
import { firstOf } from "./lessons";
import styles from "./pages.module.css";
import { RunArtifacts } from "./RunArtifacts";
import { RunOverview } from "./RunOverview";
import { type Tab, TabBar, TabBody, useTab } from "./Tabs";
import { Versions } from "./Versions";

const LineageView = lazy(() => import("../lineage/LineageView").then((module) => ({ default: module.LineageView })));
const RunCharts = lazy(() => import("./RunCharts").then((module) => ({ default: module.RunCharts })));
const EntityList = lazy(() => import("../lists/EntityList").then((module) => ({ default: module.EntityList })));

function EntityLog({ entity }: { entity: Entity }) {
  const { kind, id, ref } = entity;
  const source = useMemo(() => (kind === "run" ? runLog(id) : deploymentLog(ref)), [kind, id, ref]);
  return <Log name={entity.name || id} read={source} />;
}

function logTab(entity: Entity): Tab {
  return { id: "logs", label: "Logs", isWide: true, fills: true, body: () => <EntityLog entity={entity} /> };
}

function tabsOfRun(entity: Entity, detail: ReturnType<typeof useRun>): Tab[] {
  const data = detail.data;
  return [
    { id: "overview", label: "Overview", body: () => <RunOverview entity={entity} detail={detail} /> },
    { id: "charts", label: "Charts", isWide: true, ...(data ? { count: data.metrics.length } : {}), body: () => <RunCharts entity={entity} metrics={data?.metrics.map((metric) => metric.name)} /> },
    ...(data && data.children > 0
      ? [{ id: "children", label: "Children", count: data.children, isWide: true, fills: true, bleeds: true, body: () => <EntityList kind="run" fixed={{ parent: entity.id }} empty={null} /> }]
      : []),
    ...(data && data.artifacts.length > 0 ? [{ id: "artifacts", label: "Artifacts", count: data.artifacts.length, body: () => <RunArtifacts artifacts={data.artifacts} /> }] : []),
    logTab(entity),
  ];
}

function useRun(entity: Entity | undefined) {
  return useQuery({ ...runQuery(entity?.id ?? "", entity?.state === "running"), enabled: entity?.kind === "run" });
}

/** What a project holds, each in a tab of its own. */
const PROJECT_KINDS: readonly Kind[] = ["run", "dataset", "feature_view", "model", "evaluation", "deployment"];

function projectTab(project: Entity, kind: Kind): Tab {
  const { many } = kindInfo(kind);
  const lesson = firstOf(kind, project.name);
  const empty = <Empty title={`No ${many.toLowerCase()} in this project`} sentence={lesson.sentence} snippet={lesson.snippet} />;
  return { id: kind, label: many, isWide: true, fills: true, bleeds: true, body: () => <EntityList key={kind} kind={kind} fixed={{ project: project.name }} choices={kind === "run" ? RUN_CHOICES : []} empty={empty} /> };
}

function tabsOf(entity: Entity): Tab[] {
  const versionKind = VERSION_KINDS[entity.kind];
  const facts = () =>
    Object.keys(entity.facts).length > 0 ? <Facts facts={entity.facts} /> : <p className="muted">No facts beyond its name; what it is joined to stands at the right.</p>;
  if (versionKind) {
    const versions = { id: "versions", label: "Versions", body: () => <Versions container={entity} versionKind={versionKind} /> };
    return Object.keys(entity.facts).length > 0 ? [versions, { id: "facts", label: "Facts", body: facts }] : [versions];
  }
  if (entity.kind === "deployment") return [{ id: "overview", label: "Overview", body: () => <DeploymentOverview entity={entity} /> }, logTab(entity), { id: "facts", label: "Facts", body: facts }];
  if (entity.kind === "evaluation") return [{ id: "overview", label: "Overview", body: () => <EvaluationReport entity={entity} /> }, { id: "facts", label: "Facts", body: facts }];
  if (entity.kind === "project") return PROJECT_KINDS.map((kind) => projectTab(entity, kind));
  return [{ id: "overview", label: "Overview", body: facts }];
}

/** The versions of a container, and the one that speaks for it: the champion, else the newest. */
function useVersions(entity: Entity) {
  const kind = VERSION_KINDS[entity.kind];
  const answer = useInfiniteQuery({ ...entitiesQuery({ kind, container: entity.ref }), enabled: kind !== undefined });
  const versions = answer.data?.pages.flatMap((page) => page.items) ?? [];
  const speaker = versions.find((version) => version.aliases.includes("champion")) ?? versions[0];
  return { versions, total: answer.data?.pages[0]?.total ?? null, speaker };
}

/** The figures of the strip, from wherever the kind keeps them. */
function useFigures(entity: Entity, run: RunDetail | undefined, kept: ReturnType<typeof useVersions>): KeyFigure[] {
  const now = useNow();
  const serving = useQuery({ ...servingQuery(entity.ref), enabled: entity.kind === "deployment" });
  const version = entity.kind === "model_version" ? entity : entity.kind === "model" ? kept.speaker : undefined;
  const evaluated = useQuery({ ...modelQuery(version?.ref ?? ""), enabled: version !== undefined });
  if (run) return runFigures(run, now);
  if (serving.data) return servingFigures(serving.data, now);
  const metrics = evaluated.data?.metrics;
  if (kept.versions.length > 0) return containerFigures(entity, kept.versions, kept.total, kept.speaker, now, metrics);
  return keyFigures(entity, now, metrics);
}

function lineageTab(entity: Entity): Tab {
  return { id: "lineage", label: "Lineage", isWide: true, fills: true, body: () => <LineageView key={entity.ref} reference={entity.ref} /> };
}

function Page({ entity }: { entity: Entity }) {
  const run = useRun(entity);
  const kept = useVersions(entity);
  // What comes before and after hangs on versions, never on the name that they share.
  const joined = kept.speaker ?? entity;
  const tabs: Tab[] = [
    ...(entity.kind === "run" ? tabsOfRun(entity, run) : tabsOf(entity)),
    ...(entity.kind === "project" ? [] : [lineageTab(joined)]),
    { id: "activity", label: "Activity", body: () => <Happenings reference={entity.ref} empty={<p className="muted">Nothing on record.</p>} /> },
  ];
  const tab = useTab(tabs);
  const figures = useFigures(entity, run.data, kept);
  if (!tab) return null;
  return (
    <div className={styles.entity} data-fills={tab.fills === true}>
      <div className={styles.head}>
        <EntityHeader entity={entity} />
        <KeyFigures figures={figures} />
        <TabBar tabs={tabs} current={tab} />
      </div>
      <div className={styles.split} data-wide={tab.isWide === true}>
        <div className={styles.body} data-bleeds={tab.bleeds === true}>
          <TabBody tab={tab} />
        </div>
        {!tab.isWide && entity.kind !== "project" && (
          <aside className={styles.rail} aria-label="Provenance">
            {kept.speaker && (
              <p className={styles.speaker}>
                Of <EntityLink reference={kept.speaker.ref} kind={kept.speaker.kind} name={`v${kept.speaker.version ?? ""}`} withIcon={false} />, the {kept.speaker.aliases.includes("champion") ? "champion" : "newest"}
              </p>
            )}
            <Provenance reference={joined.ref} />
          </aside>
        )}
      </div>
    </div>
  );
}

export function EntityPage({ reference, kind }: { reference: string; kind: Kind }) {
  const entity = useQuery(entityQuery(reference));
  const title = entity.data ? titleOfEntity(entity.data) : kindInfo(kind).one;
  useEffect(() => {
    document.title = `${title} · Hendrix`;
  }, [title]);
  if (entity.data) return <Page entity={entity.data} />;
  if (entity.isError) {
    return (
      <>
        <h1 className="hidden-text">{title}</h1>
        <ProblemView error={entity.error} retry={() => void entity.refetch()} />
      </>
    );
  }
  return <PageSkeleton />;
}
