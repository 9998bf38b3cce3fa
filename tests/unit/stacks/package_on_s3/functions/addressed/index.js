exports.handler = async () => "addressed";
