// npm run soak: replays a program while its threads are killed, in rounds; fails where there is a wrong number, a hang or a leak.
//   npm run soak -- 20 10000 500   so many rounds of so many replays, with a kill in every so many
import { soak } from "./soak.js";

const asked = process.argv.slice(2).map(Number);
if (asked.length > 3 || asked.some((number) => !Number.isInteger(number) || number < 1)) {
  console.error("npm run soak -- [rounds] [replays] [every]: whole numbers from 1");
  process.exit(1);
}
const [rounds = 20, replays = 10_000, every = 500] = asked;

/** Milliseconds in which an error has to come. */
const A_SECOND = 1000;

for (let round = 1; round <= rounds; round++) {
  const { right, wrong, refused, longest, leaked } = await soak(replays, every);
  console.log(
    `round ${round}: ${right} right, ${wrong} wrong, ${refused} errors, ` +
      `longest ${longest.toFixed(0)} ms, leaked ${leaked.join(" bytes, ")} blocks`,
  );
  // The first round leaves behind what the library keeps for ever.
  if (wrong > 0 || right + refused !== replays || longest > A_SECOND || (round > 1 && leaked.some((n) => n !== 0))) {
    console.error("failed");
    process.exitCode = 1;
  }
}
