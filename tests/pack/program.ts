// What a user of the package writes. It is compiled against the published types, and run in Node and in a page.
import { grad, tensor } from "wengert";
import { DataLoader } from "wengert/data";
import { Linear, Sequential, Tanh } from "wengert/nn";
import { SGD } from "wengert/optim";
