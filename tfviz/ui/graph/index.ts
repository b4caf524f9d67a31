// Registers the graph view, and becomes its layout worker when the bundle is started in a worker.
import { register } from "../registry";
import type { Reply, Request } from "./client";
import { compose } from "./compose";
import { Graph } from "./model";
import { renderGraph } from "./view";
import { decode } from "./wire";

register("graph", renderGraph);

interface WorkerScope { onmessage: ((event: MessageEvent<Request>) => void) | null; postMessage(reply: Reply): void }

if (typeof document === "undefined" && typeof self !== "undefined" && "WorkerGlobalScope" in self) {
  const scope = self as unknown as WorkerScope;
  let graph: Graph | null = null;
  scope.onmessage = ({ data }) => {
    try {
      if (data.graph) graph = new Graph(decode(data.graph));
      scope.postMessage({ id: data.id, picture: compose(graph!, data.opened, data.direction) });
    } catch (error) {
      scope.postMessage({ id: data.id, error: error instanceof Error ? error.message : String(error) });
    }
  };
}
