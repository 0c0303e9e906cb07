import {
  anyText,
  button,
  id,
  inActions,
  inContext,
  inContextActions,
  inInput,
  inModalInput,
  inSection,
  plain,
} from './elements.ts';
import { anything, bool, both, byType, isObject, lengthOf, list, num, object, oneOf, rule, str } from './shape.ts';
import type { Report, Shape } from './shape.ts';
import type { Json } from './model.ts';

export type Surface = 'message' | 'modal' | 'home';

export interface Defect {
  readonly message: string;
  readonly pointer: string;
}

const slackFile = rule((value, pointer, report) => {
  const file = value['slack_file'];
  if (!isObject(file)) return;
  const fileId = file['id'];
  if (typeof fileId === 'string') str(255, 1, /^[F][A-Z0-9]{8,}$/)(fileId, `${pointer}/slack_file/id`, report);
  else if (typeof file['url'] !== 'string') report('must define either `id` or `url`', `${pointer}/slack_file`);
});

const cell = byType({
  raw_text: object({ required: { text: str(3000, 1) } }),
  raw_number: object({ required: { value: anything }, optional: { text: str(255) } }),
  rich_text: anything,
});
const taskStatus = oneOf('pending', 'in_progress', 'complete', 'error');

function tableChars(value: unknown): number {
  if (typeof value === 'string') return lengthOf(value);
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + tableChars(one), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, one]) => (key === 'type' ? sum : sum + tableChars(one)), 0);
}

const everywhere: Readonly<Record<string, Shape>> = {
  section: both(
    object({
      optional: {
        block_id: id,
        text: anyText(3000),
        fields: list(anyText(2000), 10, 1),
        accessory: inSection,
        expand: bool,
      },
    }),
    rule((value, pointer, report) => {
      if (value['text'] === undefined && value['fields'] === undefined)
        report('must define either `text` or `fields`', pointer);
    }),
  ),
  header: object({ required: { text: plain(150) }, optional: { block_id: id, level: num(1, 4) } }),
  divider: object({ optional: { block_id: id } }),
  context: object({ required: { elements: list(inContext, 10, 1) }, optional: { block_id: id } }),
  actions: object({ required: { elements: list(inActions, 25, 1) }, optional: { block_id: id } }),
  image: both(
    object({
      required: { alt_text: str(2000) },
      optional: { block_id: id, image_url: str(3000), slack_file: anything, title: plain(2000) },
    }),
    slackFile,
    rule((value, pointer, report) => {
      if ((value['image_url'] === undefined) === (value['slack_file'] === undefined))
        report('must define either `image_url` or `slack_file`', pointer);
    }),
  ),
  rich_text: object({
    required: {
      elements: list(
        byType({
          rich_text_section: anything,
          rich_text_list: anything,
          rich_text_preformatted: anything,
          rich_text_quote: anything,
        }),
        100,
      ),
    },
    optional: { block_id: id },
  }),
  video: object({
    required: { alt_text: str(2000), title: plain(199), thumbnail_url: str(3000), video_url: str(3000) },
    optional: {
      block_id: id,
      author_name: str(49),
      description: plain(200),
      provider_name: str(255),
      provider_icon_url: str(3000),
      title_url: str(3000),
    },
  }),
};

const input = (element: Shape): Shape =>
  object({
    required: { label: plain(2000), element },
    optional: { block_id: id, hint: plain(2000), optional: bool, dispatch_action: bool },
  });

const inContainer = byType(everywhere);

const messagesOnly: Readonly<Record<string, Shape>> = {
  input: input(inInput),
  markdown: object({ required: { text: str(12_000, 1) }, optional: { block_id: id } }),
  table: both(
    object({
      required: { rows: list(list(cell, 20, 1), 100, 1) },
      optional: { block_id: id, column_settings: list(anything, 20) },
    }),
    rule((value, pointer, report) => {
      if (tableChars(value['rows']) > 10_000) report('must be less than 10001 characters', `${pointer}/rows`);
    }),
  ),
  data_table: object({
    required: { caption: str(255, 1), rows: list(list(cell, 20, 1), 101, 2) },
    optional: { block_id: id, page_size: num(1, 100) },
  }),
  context_actions: object({ required: { elements: list(inContextActions, 5, 1) }, optional: { block_id: id } }),
  container: object({
    required: { title: plain(150), child_blocks: list(inContainer, 10, 1) },
    optional: {
      block_id: id,
      subtitle: plain(150),
      is_collapsible: bool,
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: anything,
    },
  }),
  card: object({
    optional: {
      block_id: id,
      title: anyText(150),
      subtitle: anyText(150),
      body: anyText(200),
      subtext: anyText(200),
      hero_image: anything,
      icon: anything,
      actions: list(button, 3, 1),
    },
  }),
  carousel: object({ required: { cards: list(anything, 10, 1) }, optional: { block_id: id } }),
  data_visualization: object({ required: { title: str(50, 1), chart: anything }, optional: { block_id: id } }),
  plan: object({ required: { title: str(255, 1) }, optional: { block_id: id, tasks: list(anything, 50) } }),
  task_card: object({
    required: { task_id: str(255, 1), title: str(255, 1) },
    optional: { block_id: id, status: taskStatus, details: anything, output: anything, sources: anything },
  }),
};

const modalOnly: Readonly<Record<string, Shape>> = {
  input: input(inModalInput),
  alert: object({
    required: { text: anyText(200) },
    optional: { block_id: id, level: oneOf('default', 'info', 'warning', 'error', 'success') },
  }),
};

const surfaces: Readonly<Record<Surface, Shape>> = {
  message: byType({ ...everywhere, ...messagesOnly }),
  modal: byType({ ...everywhere, ...modalOnly }),
  home: byType({ ...everywhere, input: input(inInput) }),
};

/** Two elements of one block may not share an action_id; two blocks of one payload no block_id. */
function checkIds(blocks: readonly unknown[], pointer: string, report: Report): void {
  const blockIds = new Set<unknown>();
  for (const [i, block] of blocks.entries()) {
    if (!isObject(block)) continue;
    const blockId = block['block_id'];
    if (typeof blockId === 'string') {
      if (blockIds.has(blockId)) report(`\`block_id\` "${blockId}" already exists`, `${pointer}/${i}/block_id`);
      blockIds.add(blockId);
    }
    const actionIds = new Set<unknown>();
    const elements = Array.isArray(block['elements']) ? block['elements'] : [];
    for (const [j, element] of elements.entries()) {
      const actionId = isObject(element) ? element['action_id'] : undefined;
      if (typeof actionId !== 'string') continue;
      if (actionIds.has(actionId))
        report(`\`action_id\` "${actionId}" already exists`, `${pointer}/${i}/elements/${j}/action_id`);
      actionIds.add(actionId);
    }
  }
}

/** All defects of a list of blocks, as Slack words them. */
export function blockDefects(blocks: unknown, surface: Surface, pointer: string): readonly Defect[] {
  const defects: Defect[] = [];
  const report: Report = (message, at) => defects.push({ message, pointer: at });
  const shape = surfaces[surface];
  list((one, at, tell) => shape(one, at, tell), surface === 'message' ? 50 : 100)(blocks, pointer, report);
  if (Array.isArray(blocks)) checkIds(blocks, pointer, report);
  return defects;
}

/** All defects of a view, below `/view`. */
export function viewDefects(view: unknown): readonly Defect[] {
  const defects: Defect[] = [];
  const report: Report = (message, at) => defects.push({ message, pointer: at });
  if (!isObject(view)) return [{ message: 'must provide an object', pointer: '/view' }];
  const surface = view['type'];
  if (surface !== 'modal' && surface !== 'home')
    return [{ message: `unsupported type: ${String(surface)}`, pointer: '/view/type' }];
  const shared = { private_metadata: str(3000), callback_id: str(255), external_id: str(255) };
  const modal = {
    submit: plain(24),
    close: plain(24),
    clear_on_close: bool,
    notify_on_close: bool,
    submit_disabled: bool,
  };
  const shape = object({
    required: { blocks: anything, ...(surface === 'modal' ? { title: plain(24) } : {}) },
    optional: surface === 'modal' ? { ...shared, ...modal } : shared,
  });
  shape(view, '/view', report);
  defects.push(...blockDefects(view['blocks'], surface, '/view/blocks'));
  const blocks = Array.isArray(view['blocks']) ? view['blocks'] : [];
  if (surface === 'modal' && view['submit'] === undefined) {
    const at = blocks.findIndex((block) => isObject(block) && block['type'] === 'input');
    if (at >= 0) report('must define `submit` to use an `input` block in modals', `/view/blocks/${at}`);
  }
  return defects;
}

/** Slack fills in the ids that the sender left out; interactions name them. */
export function withIds(blocks: readonly Json[], newId: () => string): readonly Json[] {
  const fill = (element: unknown): unknown =>
    isObject(element) && isInteractive(element) && element['action_id'] === undefined
      ? { ...element, action_id: newId() }
      : element;
  return blocks.map((block) => {
    const filled: Record<string, unknown> = { ...block, block_id: block['block_id'] ?? newId() };
    if (Array.isArray(block['elements']) && block['type'] !== 'rich_text')
      filled['elements'] = block['elements'].map(fill);
    if (block['accessory'] !== undefined) filled['accessory'] = fill(block['accessory']);
    if (block['element'] !== undefined) filled['element'] = fill(block['element']);
    return filled;
  });
}

function isInteractive(element: Json): boolean {
  return !['image', 'plain_text', 'mrkdwn'].includes(String(element['type']));
}
