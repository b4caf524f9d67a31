// Registers the dashboard.
import { register } from "../registry";
import { renderBoard } from "./view";

register("board", renderBoard);
