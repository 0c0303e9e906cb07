import { need } from '../peers/need.ts';
import { kubernetesSuite } from './kubernetes-suite.ts';
import { realWorld } from './real-world.ts';

const limits = { timeout: 60_000 };

need('control-plane')('a real API server', limits, () =>
  kubernetesSuite('the adapter on a real API server', realWorld),
);
