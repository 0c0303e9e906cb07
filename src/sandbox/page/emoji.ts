/** The short codes that are shown as pictures; any other stays `:text:`. */
const table = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|eyes 👀|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎
warning ⚠️|rotating_light 🚨|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑|construction 🚧|fire 🔥|bangbang ‼️|exclamation ❗|question ❓|grey_question ❔
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣|white_circle ⚪|black_circle ⚫
large_orange_square 🟧|large_red_square 🟥|large_green_square 🟩|large_blue_square 🟦|large_yellow_square 🟨|white_large_square ⬜|black_large_square ⬛
hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|alarm_clock ⏰|clock1 🕐|clock3 🕒|calendar 📅|spiral_calendar_pad 🗓️|zzz 💤
bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|pager 📟|telephone_receiver 📞|phone ☎️|iphone 📱|email ✉️|envelope ✉️|inbox_tray 📥|outbox_tray 📤
mag 🔍|mag_right 🔎|bulb 💡|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|scroll 📜|book 📖|books 📚|bookmark 🔖|link 🔗|paperclip 📎|pushpin 📌
wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|toolbox 🧰|package 📦|rocket 🚀|ship 🚢|whale 🐳|robot_face 🤖|brain 🧠|satellite_antenna 📡
lock 🔒|unlock 🔓|closed_lock_with_key 🔐|key 🔑|shield 🛡️|label 🏷️|bust_in_silhouette 👤|busts_in_silhouette 👥|raising_hand 🙋|wave 👋|pray 🙏|clap 👏|raised_hands 🙌|ok_hand 👌|muscle 💪|point_right 👉|point_up ☝️
arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|arrow_up_small 🔼|arrow_down_small 🔽|arrows_counterclockwise 🔄|repeat 🔁|rewind ⏪|leftwards_arrow_with_hook ↩️|back 🔙|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊
heavy_plus_sign ➕|heavy_minus_sign ➖|information_source ℹ️|recycle ♻️|sos 🆘|new 🆕|ok 🆗|pause_button ⏸️|double_vertical_bar ⏸️|arrow_forward ▶️|black_square_for_stop ⏹️|checkered_flag 🏁|triangular_flag_on_post 🚩
globe_with_meridians 🌐|earth_africa 🌍|earth_americas 🌎|earth_asia 🌏|cloud ☁️|lightning ⚡|zap ⚡|boom 💥|tada 🎉|sparkles ✨|star ⭐|100 💯|heart ❤️|skull 💀|snail 🐌|turtle 🐢|bug 🐛|ambulance 🚑|ghost 👻|moneybag 💰|dollar 💵
slightly_smiling_face 🙂|smile 😄|grinning 😀|joy 😂|thinking_face 🤔|sob 😭|sweat_smile 😅|face_with_monocle 🧐|sleeping 😴|wheelchair ♿|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣
`;

const pictures = new Map(
  table
    .split(/[|\n]/)
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [name = '', picture = ''] = entry.split(' ');
      return [name, picture] as const;
    }),
);

export function emojiPicture(name: string): string | null {
  return pictures.get(name.replace(/::skin-tone-\d$/, '')) ?? null;
}

/** A short code as words: "white check mark". */
export function emojiWords(name: string): string {
  if (name === '+1') return 'thumbs up';
  if (name === '-1') return 'thumbs down';
  return name.replaceAll('_', ' ');
}
