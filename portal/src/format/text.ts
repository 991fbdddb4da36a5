/** Words for machine names. */

const ACRONYMS: Record<string, string> = {
  id: "ID", url: "URL", pid: "PID", ttl: "TTL", ttl_us: "TTL", window_us: "Window", sha256: "SHA-256", auc: "AUC", roc_auc: "ROC AUC", pr_auc: "PR AUC", ece: "ECE", cpu: "CPU", gpu: "GPU", sql: "SQL",
  p50_ms: "p50", p95_ms: "p95", p99_ms: "p99", rmse: "RMSE", mae: "MAE", f1: "F1", uri: "URI",
};

/** `known_at` becomes `Known at`, `roc_auc` becomes `ROC AUC`. */
export function titleOf(name: string): string {
  const whole = ACRONYMS[name];
  if (whole) return whole;
  const words = name.split(/[_\s]+/).filter(Boolean).map((word) => ACRONYMS[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first characters of an id or digest; nobody reads the rest. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, "").replaceAll("-", "").slice(0, 8);
}
