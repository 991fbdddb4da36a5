/** The files of a run. */

import type { RunDetail } from "../api/types";
import { Value } from "../entities/values";
import { formatBytes, formatExact } from "../format/numbers";

export function RunArtifacts({ artifacts }: { artifacts: RunDetail["artifacts"] }) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Path</th>
          <th scope="col" className="number">Size</th>
          <th scope="col" className="number">Digest</th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map((artifact) => (
          <tr key={artifact.path}>
            <td className="mono">{artifact.path}</td>
            <td className="number" title={`${formatExact(artifact.size)} bytes`}>{formatBytes(artifact.size)}</td>
            <td className="number">
              <Value name="digest" value={artifact.digest} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
