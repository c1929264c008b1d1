import { crossEntropy, seed } from "wengert";
import { batchesOf, loadMnist } from "./dataset.js";
import { evaluate } from "./evaluate.js";
import { makeModel } from "./train.js";
import { SGD } from "wengert/optim";
const { training, test } = loadMnist();
const tb = batchesOf(test, { batchSize: 1000 });
for (const decay of [0,1,2]) {
  const finals=[];
  for (let s=0;s<8;s++){
    seed(s);
    const model=makeModel([128]); const opt=new SGD(model.parameters(),{lr:.1,momentum:.9});
    const b=batchesOf(training,{batchSize:128,shuffle:true,seed:s}); const acc=[];let step=0;
    for(let e=0;e<3;e++){
      opt.lr = 0.1*[[1,2/3,1/3],[1,.5,.25],[1,.3,.1]][decay]![e]!;
      for(const {x,y} of b){ const loss=crossEntropy(model(x),y);opt.zeroGrad();loss.backward();opt.step();}
      acc.push((evaluate(model,tb).accuracy*100).toFixed(2));}
    finals.push(acc.join("/"));
  }
  console.log(decay, finals.join("  "), process.cpuUsage().user/1e6);
}
