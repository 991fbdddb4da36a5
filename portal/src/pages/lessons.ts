/** What an empty page teaches: one sentence and the code that makes the first one, with this server's address in it. */

import type { Kind } from "../api/types";

export interface Lesson {
  sentence: string;
  snippet?: string;
}

const runSnippet = (project: string) => `import hendrix as hx\n\nwith hx.run("baseline", project="${project}") as run:\n    run.log(loss=0.3, step=1)`;

const lessons = (project: string): Partial<Record<Kind, Lesson>> => ({
  project: { sentence: "A project holds what belongs to one piece of work. Name one in a run, and it exists.", snippet: runSnippet(project) },
  run: { sentence: "A run records what a program did: its params, its metrics, its files, and what it read and made.", snippet: runSnippet(project) },
  dataset: { sentence: "A dataset is files with a schema and versions. Point at the files, and the rest is read off them.", snippet: 'import hendrix as hx\n\nflights = hx.Dataset("flights", "data/flights/*.parquet", timestamp="scheduled", known_at="arrived")' },
  feature_view: { sentence: "A feature view says which figures to know of a thing, and how long they count.", snippet: 'carrier = hx.Entity("carrier")\ndelays = hx.FeatureView("carrier_delays", entity=carrier, source=flights, ttl="30d",\n                        features=[hx.window.mean("arr_delay", "7d"), hx.window.count("1d")])' },
  model: { sentence: "A model is a name with versions. Log one inside a run, and where it came from is known.", snippet: `with hx.run("baseline", project="${project}"):\n    version = hx.log_model(model, name="delay", example=frame.slice(0, 5))` },
  evaluation: { sentence: "An evaluation says how well a version did, overall and in each slice.", snippet: 'report = hx.evaluate(version, frame, slices=["origin"])' },
  deployment: { sentence: "A deployment is a model version behind an HTTP address.", snippet: 'hx.deploy("delay@champion", name="delay")\n\n# or in a terminal:\n#   hendrix deploy delay@champion' },
});

/** How the first one of a kind is made, in a project when one is in view. */
export function firstOf(kind: Kind, project = "delay"): Lesson {
  return lessons(project)[kind] ?? { sentence: "When the first one is made, it stands here." };
}

/** The whole thread in one command, for a platform that nobody has used yet. */
export function beginning(origin: string): string {
  return `# everything, on real flights, in three minutes\nhendrix demo\n\n# or from your own code, against this server\nexport HENDRIX_URL=${origin}\npython - <<'CODE'\nimport hendrix as hx\nwith hx.run("hello", project="first") as run:\n    for step in range(100):\n        run.log(loss=1 / (step + 1), step=step)\nCODE`;
}
