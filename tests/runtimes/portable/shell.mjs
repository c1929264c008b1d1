// Runs a bundled program where there is a command line: shell.mjs PROGRAM OPTIONS. The last line it prints is the result.
const [program = "", options = "{}"] = process.argv.slice(2);
const { default: run } = await import(program);
console.log(JSON.stringify(await run(JSON.parse(options))));
