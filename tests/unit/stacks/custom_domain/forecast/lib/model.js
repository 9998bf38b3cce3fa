exports.forecast = (city) => ({ city, weather: "sunny" });
