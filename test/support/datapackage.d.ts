/** What the tests use of Frictionless's own library, which has no types. */
declare module 'datapackage' {
  interface Resource {
    readonly name: string;
    readonly valid: boolean;
    readonly errors: readonly Error[];
    /** Rows with every cell cast to the type of its field; refused where one is not of it. */
    read(options?: { readonly limit?: number }): Promise<readonly (readonly unknown[])[]>;
  }
  interface Package {
    readonly valid: boolean;
    readonly errors: readonly Error[];
    readonly resources: readonly Resource[];
  }
  export const Package: {
    load(descriptor: string, options: { readonly basePath: string }): Promise<Package>;
  };
}
