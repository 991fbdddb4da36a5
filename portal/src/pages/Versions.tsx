/** The versions of a container, newest first, with the aliases that point at them. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "@mantine/core";

import { entitiesQuery } from "../api/queries";
import type { Entity, Kind } from "../api/types";
import { EntityLink } from "../entities/EntityLink";
import { When } from "../entities/When";
import { metricsOf } from "../entities/keyFigures";
import { Value, isScalar } from "../entities/values";
import { formatExact, formatMetric } from "../format/numbers";
import { titleOf } from "../format/text";
import { Empty } from "../states/Empty";
import { ProblemView } from "../states/ProblemView";
import { Snippet } from "../states/Snippet";
import { Lines } from "../states/Waiting";
import { firstOf } from "./lessons";
import styles from "./pages.module.css";

const WORTH_SHOWING = ["rows", "size", "model_class", "flavour", "source", "ttl_us", "timestamp", "known_at"];
const MOST_METRICS = 4;

function snippetOf(container: Entity): string {
  if (container.kind === "model") return `hx.deploy("${container.name}@champion", name="${container.name}")`;
  if (container.kind === "dataset") return `hx.dataset("${container.name}").read()`;
  return `frame = hx.training_frame(spine, [hx.feature_view("${container.name}")])`;
}

export function Versions({ container, versionKind }: { container: Entity; versionKind: Kind }) {
  const versions = useInfiniteQuery(entitiesQuery({ kind: versionKind, container: container.ref }));
  if (versions.isPending) return <Lines count={6} height={32} />;
  if (versions.isError && !versions.data) return <ProblemView error={versions.error} retry={() => void versions.refetch()} />;
  const all = versions.data.pages.flatMap((page) => page.items);
  if (all.length === 0) return <Empty title="No versions yet" sentence={firstOf(container.kind).sentence} snippet={firstOf(container.kind).snippet} />;
  const facts = WORTH_SHOWING.filter((name) => all.some((version) => version.facts[name] != null && isScalar(version.facts[name])));
  const metrics = [...new Set(all.flatMap((version) => metricsOf(version.facts.metrics).map((metric) => metric.name)))].slice(0, MOST_METRICS);
  return (
    <div className={styles.sections}>
      <div className={styles.scroll}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Aliases</th>
              {metrics.map((name) => (
                <th key={name} scope="col" className="number">{titleOf(name)}</th>
              ))}
              {facts.map((name) => (
                <th key={name} scope="col" className={typeof all[0]?.facts[name] === "number" ? "number" : undefined}>{titleOf(name)}</th>
              ))}
              <th scope="col">By</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {all.map((version) => (
              <tr key={version.id}>
                <td>
                  <EntityLink reference={version.ref} kind={version.kind} name={`v${version.version ?? ""}`} />
                </td>
                <td>
                  {version.aliases.map((alias) => (
                    <span key={alias} className={styles.alias}>{alias}</span>
                  ))}
                </td>
                {metrics.map((name) => {
                  const value = metricsOf(version.facts.metrics).find((metric) => metric.name === name)?.value;
                  return <td key={name} className="number" title={formatExact(value)}>{formatMetric(value)}</td>;
                })}
                {facts.map((name) => (
                  <td key={name} className={typeof version.facts[name] === "number" ? "number" : undefined}>
                    <Value name={name} value={version.facts[name]} />
                  </td>
                ))}
                <td>{version.created_by}</td>
                <td>
                  <When at={version.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {versions.hasNextPage && (
        <Button variant="default" size="xs" onClick={() => void versions.fetchNextPage()}>
          Show earlier
        </Button>
      )}
      <section className={styles.section}>
        <h2>Use it</h2>
        <Snippet code={snippetOf(container)} />
      </section>
    </div>
  );
}
