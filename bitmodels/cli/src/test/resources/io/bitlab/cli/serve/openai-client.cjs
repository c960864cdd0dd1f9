// What the npm package openai makes of a server. Arguments: the URL with /v1, and the key. Prints one JSON object.
'use strict';
const OpenAI = require('openai');
const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({baseURL, apiKey, maxRetries: 0});
const question = {model: 'tiny', messages: [{role: 'user', content: 'Hello'}], seed: 7, max_tokens: 20};

async function errorOf(call) {
  try {
    await call();
    return 'none';
  } catch (e) {
    return [e.constructor.name, e.status, e.code, e.param].join(' ');
  }
}

(async () => {
  const found = {};
  found.models = (await client.models.list()).data.map(model => model.id).join();
  found.model = (await client.models.retrieve('tiny')).id;
  const chat = await client.chat.completions.create({...question, logprobs: true, top_logprobs: 1});
  found.chat = chat.choices[0].message.content;
  found.reason = chat.choices[0].finish_reason;
  found.tokens = chat.usage.total_tokens;
  found.logprobs = chat.choices[0].logprobs.content.length;
  found.stream = '';
  const stream = await client.chat.completions.create({...question, stream: true, stream_options: {include_usage: true}});
  for await (const chunk of stream) {
    found.stream += chunk.choices[0]?.delta.content ?? '';
    if (chunk.usage) found.streamTokens = chunk.usage.total_tokens;
  }
  found.completion = (await client.completions.create({model: 'tiny', prompt: 'Hello', seed: 7, max_tokens: 20}))
      .choices[0].text;
  found.embedding = (await client.embeddings.create({model: 'tiny', input: 'Hello'})).data[0].embedding[0];
  found.json = (await client.chat.completions.create(
      {...question, max_tokens: 150, response_format: {type: 'json_object'}})).choices[0].message.content;
  const aborted = await client.chat.completions.create({...question, max_tokens: 1000, stream: true});
  for await (const chunk of aborted) if (chunk.choices[0].delta.content) break; // closes the connection
  found.wrongKey = await errorOf(() => new OpenAI({baseURL, apiKey: 'wrong', maxRetries: 0}).models.list());
  found.wrongModel = await errorOf(() => client.chat.completions.create({...question, model: 'other'}));
  found.wrongValue = await errorOf(() => client.chat.completions.create({...question, temperature: 3}));
  console.log(JSON.stringify(found));
})();
