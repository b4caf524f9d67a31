// Registers the graph view, and becomes its layout worker when the bundle is started in a worker.
import { register } from "../registry";

register("graph", ({ el }) => {
  el.textContent = "tfviz graph view";
});
