/** Changes to tables that can be taken back together. */
export interface Changes {
  push<R>(rows: R[], row: R): R;
  assign<R extends object>(row: R, patch: Partial<R>): void;
  /** Takes back everything, last first. Rows stay the same objects. */
  rollBack(): void;
}

export function makeChanges(): Changes {
  const undo: (() => void)[] = [];
  return {
    push: (rows, row) => {
      rows.push(row);
      undo.push(() => rows.splice(rows.indexOf(row), 1));
      return row;
    },
    assign: (row, patch) => {
      const before = { ...row };
      Object.assign(row, patch);
      undo.push(() => {
        for (const key of Object.keys(patch)) if (!(key in before)) Reflect.deleteProperty(row, key);
        Object.assign(row, before);
      });
    },
    rollBack: () => {
      for (const step of undo.splice(0).reverse()) step();
    },
  };
}
