// After the compiler: parses every preset once into dist/presets.json, keyed by the hash of its text. Starting `ask` then
// needs no YAML parser, which would cost more than the simulation; a preset edited later has another hash and is parsed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { hashHex } from '../dist/base/hash.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = readdirSync(join(root, 'models'), { recursive: true }).filter((file) => file.endsWith('.yaml'));
const texts = files.sort().map((file) => readFileSync(join(root, 'models', file), 'utf8'));
const trees = Object.fromEntries(texts.map((text) => [hashHex(text), parse(text)]));
writeFileSync(join(root, 'dist', 'presets.json'), JSON.stringify(trees));
