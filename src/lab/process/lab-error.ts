/** Something outside of this program did not do what a measurement needs: a process died, a request was refused. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}
