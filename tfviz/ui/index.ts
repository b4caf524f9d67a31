// The one bundle of a page: registers every view and exports what the stub in tfviz/widget.py calls.
// The same file is started as the layout worker (no document there), so importing a view must not touch the DOM.
import "./graph/index";
import "./scalars/index";
import "./media/index";
import { render } from "./registry";

export default { render };
