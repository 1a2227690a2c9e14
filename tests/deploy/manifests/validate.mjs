// Holds objects against the schemas of Kubernetes, KEDA and the Prometheus operator, strictly: by their types an unknown field is an error, by their
// validators a value out of bounds. Reads a JSON list on standard input; prints what is wrong and ends with 1.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const MODELS = { "keda.sh": "@kubernetes-models/keda/", "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/" };
const here = dirname(fileURLToPath(import.meta.url));
const objects = JSON.parse(readFileSync(0, "utf8"));
const moduleOf = ({ apiVersion, kind }) => `${MODELS[apiVersion.split("/")[0]] ?? "kubernetes-models/"}${apiVersion}/${kind}`;
const nameOf = ({ kind, metadata }) => `${kind} ${metadata.name}`;
const faults = [];

for (const object of objects) {
  try {
    new (await import(moduleOf(object)))[object.kind](object).validate();
  } catch (error) {
    faults.push(`${nameOf(object)}: ${error.message}`);
  }
}

// A source of typed constants, one an object. It lies here, so that the compiler finds the packages.
const folder = mkdtempSync(join(here, "node_modules", ".objects-"));
try {
  const source = join(folder, "objects.ts");
  const texts = objects.map((object, index) =>
    `import type { I${object.kind} as T${index} } from "${moduleOf(object)}";\nexport const o${index}: T${index} = ${JSON.stringify(object, null, 1)};\n`);
  writeFileSync(source, texts.join(""));
  const starts = texts.map((_, index) => texts.slice(0, index).join("").length);
  const program = ts.createProgram([source], {
    noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [],
  });
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const object = objects[starts.findLastIndex((first) => first <= (start ?? 0))];
    const line = file?.text.slice(start).split("\n")[0];
    faults.push(`${nameOf(object)}: ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

for (const fault of faults) console.log(fault);
process.exit(faults.length ? 1 : 0);
