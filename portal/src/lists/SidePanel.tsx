/** A row of a list, looked at without leaving the list. */

import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { entityQuery, runQuery } from "../api/queries";
import type { Entity } from "../api/types";
import { useNow } from "../app/clock";
import { navigate } from "../app/navigation";
import { EntityHeader } from "../entities/EntityHeader";
import { Facts } from "../entities/Facts";
import { Params } from "../entities/Params";
import { KeyFigures } from "../entities/KeyFigures";
import { Provenance } from "../entities/Provenance";
import { pathOf } from "../entities/address";
import { Icon } from "../entities/icons";
import { keyFigures, runFigures } from "../entities/keyFigures";
import { ProblemView } from "../states/ProblemView";
import { Lines } from "../states/Waiting";
import styles from "./lists.module.css";

const NARROWEST = 340;
const WIDEST = 900;
const WIDTH_KEY = "hendrix.panel";

function RunSummary({ entity }: { entity: Entity }) {
  const now = useNow();
  const run = useQuery(runQuery(entity.id, entity.state === "running"));
  if (!run.data) return run.isError ? <ProblemView error={run.error} /> : <Lines count={4} />;
  return (
    <>
      <KeyFigures figures={runFigures(run.data, now)} />
      {typeof entity.facts.error === "string" && <pre className={styles.error}>{entity.facts.error}</pre>}
      <section>
        <h2>Params</h2>
        <Params params={run.data.params} columns={1} />
      </section>
    </>
  );
}

function Summary({ entity }: { entity: Entity }) {
  const now = useNow();
  if (entity.kind === "run") return <RunSummary entity={entity} />;
  return (
    <>
      <KeyFigures figures={keyFigures(entity, now)} />
      <Facts facts={entity.facts} skip={["metrics", "slices", "calibration"]} />
    </>
  );
}

export function SidePanel({ reference, onClose }: { reference: string; onClose: () => void }) {
  const entity = useQuery(entityQuery(reference));
  const [width, setWidth] = useState(() => Number(localStorage.getItem(WIDTH_KEY)) || 460);
  const resize = (pixels: number) => {
    const next = Math.round(Math.max(NARROWEST, Math.min(WIDEST, pixels)));
    setWidth(next);
    localStorage.setItem(WIDTH_KEY, String(next));
  };
  return (
    <aside className={styles.panel} style={{ width }} aria-label="Details">
      <div
        className={styles.edge}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the panel"
        aria-valuenow={width}
        aria-valuemin={NARROWEST}
        aria-valuemax={WIDEST}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(window.innerWidth - event.clientX);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") resize(width + 20);
          if (event.key === "ArrowRight") resize(width - 20);
        }}
      />
      <div className={styles.panelBar}>
        <Button size="compact-sm" variant="default" leftSection={<Icon name="open" size={14} />} onClick={() => navigate(pathOf(reference))}>
          Open
        </Button>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the panel" onClick={onClose}>
          <Icon name="close" />
        </ActionIcon>
      </div>
      <div className={styles.panelBody}>
        {entity.data ? (
          <>
            <EntityHeader entity={entity.data} level="h2" />
            <Summary entity={entity.data} />
            <Provenance reference={entity.data.ref} />
          </>
        ) : entity.isError ? (
          <ProblemView error={entity.error} retry={() => void entity.refetch()} />
        ) : (
          <Lines count={9} />
        )}
      </div>
    </aside>
  );
}
