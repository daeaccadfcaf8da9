import fc from 'fast-check';

// The same examples in each run, so that a change is what makes a test fail. FAST_CHECK_SEED explores others.
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_261_124) });
