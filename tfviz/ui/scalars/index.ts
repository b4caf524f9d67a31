// Registers the view of curves.
import { register } from "../registry";
import { renderCurves } from "./view";

register("curves", renderCurves);
