/** The version of stopgap; a test holds it to package.json. Part of every run id: another version is another model. */
export function version(): string {
  return '0.1.0';
}
