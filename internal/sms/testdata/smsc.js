// An SMSC for tests: it takes parts of texts, prints each, tells of their
// delivery in the opposite order and one of them twice, and then sends a reply
// in UCS-2 from a number without its plus.
const smpp = require(process.argv[2]);
const port = Number(process.argv[3]);
const wanted = Number(process.argv[4]);

const server = smpp.createServer((session) => {
  const taken = [];
  const receipt = (to, from, id, stat) =>
    session.deliver_sm({
      source_addr: to, destination_addr: from, esm_class: 4,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2606011200 done date:2606011201 stat:${stat} err:000 text:`,
      receipted_message_id: id,
    });
  session.on('bind_transceiver', (pdu) => session.send(pdu.response()));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('error', () => {});
  session.on('submit_sm', (pdu) => {
    const id = String(1000 + taken.length);
    session.send(pdu.response({ message_id: id }));
    taken.push({ id, to: pdu.destination_addr, from: pdu.source_addr, asked: pdu.registered_delivery });
    const words = pdu.short_message.message;
    console.log('part ' + JSON.stringify({ coding: pdu.data_coding, text: String(words) }));
    if (taken.length !== wanted) return;
    setTimeout(() => {
      for (const one of taken.reverse()) if (one.asked) receipt(one.to, one.from, one.id, 'DELIVRD');
      const again = taken.find((one) => one.asked);
      receipt(again.to, again.from, again.id, 'DELIVRD');
      session.deliver_sm({
        source_addr: '358401234567', destination_addr: '358912345678', data_coding: 8,
        short_message: '5 ★ kiitos',
      });
    }, 200);
  });
});
server.listen(port, '127.0.0.1', () => console.log('listens'));
