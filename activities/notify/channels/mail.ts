import type { Channel } from './channel.ts';

/** One plain address: no list, no comment, no line break that could smuggle a second one in. */
const plain = /^[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[^\s@<>(),;:"\\\p{Cc}]{1,255}$/u;

export const mail: Channel = {
  id: 'mail',
  words: { en: { title: 'Mail' }, zh: { title: '邮件' } },
  address: (person) => person.mail,
  async send({ deps, person, address, message, message_id, thread, signal }) {
    if (!plain.test(address)) {
      return {
        status: 'refused',
        answer: null,
        problem: `"${address}" of ${person.name} is not one mail address`,
        hint: 'correct it in people.yaml',
      };
    }
    return deps.mailer.send(
      { to: address, name: person.name, subject: message.subject, text: message.text, html: message.html, message_id, thread },
      signal,
    );
  },
};
