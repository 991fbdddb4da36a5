/** Where an entity came from and who uses it, in sentences whose nouns are links. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { provenanceQuery } from "../api/queries";
import type { Provenance as ProvenanceRecord } from "../api/types";
import { ProblemView } from "../states/ProblemView";
import { Lines } from "../states/Waiting";
import { EntityLink } from "./EntityLink";
import styles from "./Provenance.module.css";
import { StateMark } from "./StateMark";

const SHOWN = 6;
type SentenceRecord = ProvenanceRecord["sentences"][number];

function Sentence({ sentence }: { sentence: SentenceRecord }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? sentence.items : sentence.items.slice(0, SHOWN);
  return (
    <div className={styles.sentence}>
      <h3>{sentence.label}</h3>
      <ul>
        {shown.map((item) => (
          <li key={item.id}>
            <EntityLink reference={item.ref} kind={item.kind} name={item.name} version={item.version} />
            {item.kind === "run" && <StateMark state={item.state} />}
            {item.detail && <small>{item.detail}</small>}
          </li>
        ))}
      </ul>
      {sentence.items.length > SHOWN && (
        <button type="button" onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `and ${sentence.items.length - SHOWN} more`}
        </button>
      )}
    </div>
  );
}

export function Provenance({ reference }: { reference: string }) {
  const provenance = useQuery(provenanceQuery(reference));
  if (provenance.isPending) return <Lines count={5} />;
  if (provenance.isError && !provenance.data) return <ProblemView error={provenance.error} retry={() => void provenance.refetch()} />;
  const { sentences } = provenance.data;
  const from = sentences.filter((sentence) => sentence.upstream);
  const to = sentences.filter((sentence) => !sentence.upstream);
  return (
    <div className={styles.provenance}>
      <section>
        <h2>Where it came from</h2>
        {from.map((sentence) => (
          <Sentence key={sentence.label} sentence={sentence} />
        ))}
        {from.length === 0 && <p className="muted">Nothing on record lies before it.</p>}
      </section>
      <section>
        <h2>Who uses it</h2>
        {to.map((sentence) => (
          <Sentence key={sentence.label} sentence={sentence} />
        ))}
        {to.length === 0 && <p className="muted">Nobody yet.</p>}
      </section>
    </div>
  );
}
