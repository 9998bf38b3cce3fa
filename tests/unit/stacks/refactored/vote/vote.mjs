const votes = new Map();

async function vote(event) {
  const { id } = event.pathParameters;
  votes.set(id, (votes.get(id) ?? 0) + 1);
  return { statusCode: 202 };
}

export { vote as handler };
