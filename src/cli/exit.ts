/** The exit codes of all commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, changes: 4 } as const;
