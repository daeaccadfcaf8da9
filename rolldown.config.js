/**
 * Puts the program and its libraries into a few files: Node takes longer to find and read a thousand small ones than most
 * commands take. What a command does not need stays in files of its own (see src/cli/program.ts).
 */
export default {
  input: { 'cli/main': 'src/cli/main.ts' },
  platform: 'node',
  // The one finds its pages where npm has put them; the other is there or not, by the platform.
  external: [/^@bull-board\//, 'msgpackr-extract'],
  logLevel: 'warn',
  output: {
    dir: 'dist',
    // With a hash, so that a program that runs while the next one is built still finds its own.
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
  },
};
