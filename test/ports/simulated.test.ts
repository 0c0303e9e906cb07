import { kubernetesSuite } from './kubernetes-suite.ts';
import { simulatedWorld } from './simulated-world.ts';

kubernetesSuite('the simulation', simulatedWorld);
