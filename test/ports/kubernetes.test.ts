import { need } from '../peers/need.ts';
import { kubernetesSuite } from './kubernetes-suite.ts';
import { realWorld } from './real-world.ts';

need('control-plane')('a real API server', () => kubernetesSuite('the adapter on a real API server', realWorld));
