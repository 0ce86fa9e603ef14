import { createHash } from 'node:crypto';

/** A script of Lua. Its keys have one hash tag, and each runs in well under a millisecond: the server has one thread. */
export interface Script {
  text: string;
  sha1: string;
}

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/*
 * A key is a hash: the use of one resource by one tenant. Numbers are written with 17 digits, because Lua's own text of a
 * number has 14 and a time in microseconds needs 16. Days count from 1970-01-01 in UTC; months from year 0.
 */
const shared = `
local input = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local fields = {'bucket', 'at', 'day', 'ofDay', 'ofMonth', 'seenDay', 'seenMonth', 'unsaved', 'savedAt', 'perSecond'}
local function text(number) return string.format('%.17g', number) end

-- The year of the Gregorian calendar begins in March here, so that the leap day is its last.
local function month_of(day)
  local shifted = day + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  return (era * 400 + year) * 12 + math.floor((5 * of_year + 2) / 153) + 2
end

local function read(key)
  local values = redis.call('HMGET', key, unpack(fields))
  if not values[1] then return nil end
  local use = {}
  for i, field in ipairs(fields) do use[field] = tonumber(values[i]) or 0 end
  return use
end

-- Kept for two months after the last lease: until no window counts it.
local function write(key, use)
  local values = {}
  for _, field in ipairs(fields) do
    values[#values + 1] = field
    values[#values + 1] = text(use[field])
  end
  redis.call('HSET', key, unpack(values))
  redis.call('EXPIRE', key, 5356800)
end

-- Counts amounts that come back in the day and month that they were taken in.
local function take_back(use, back)
  for _, one in ipairs(back) do
    local day, amount = one[1], one[2]
    if day == use.day then use.ofDay = math.max(0, use.ofDay - amount) end
    if month_of(day) == month_of(use.day) then use.ofMonth = math.max(0, use.ofMonth - amount) end
  end
end
`;

/**
 * Input: `{part, saveSeconds, savePart, asks: [{need, queue, want, perSecond?, burst?, perDay?, perMonth?, toBucket, back:
 * [[day, amount]]}]}`, one ask per key. Returns `{'lost', index…}` without effect if keys are missing. Otherwise
 * `{'leased', now, day, …}` and for each key: granted, bucket, of day, of month, whether to save it, totals seen.
 */
export const leaseScript = script(`${shared}
local uses, lost, today = {}, {'lost'}, math.floor(now / 86400)
for i, key in ipairs(KEYS) do
  uses[i] = read(key)
  if uses[i] then today = math.max(today, uses[i].day) else lost[#lost + 1] = i end
end
if #lost > 1 then return lost end

local enough, available, left_over = true, {}, {}
for i, ask in ipairs(input.asks) do
  local use = uses[i]
  local rate = ask.perSecond or 0
  if month_of(use.day) ~= month_of(today) then use.ofMonth, use.seenMonth = 0, 0 end
  if use.day ~= today then use.ofDay, use.seenDay, use.day = 0, 0, today end
  use.bucket = math.max(0, use.bucket - ask.toBucket - rate * math.max(0, now - use.at))
  use.at, use.perSecond = math.max(now, use.at), rate
  take_back(use, ask.back)
  left_over[i] = math.min((ask.perDay or math.huge) - use.ofDay, (ask.perMonth or math.huge) - use.ofMonth)
  available[i] = math.min((ask.burst or math.huge) - use.bucket, left_over[i])
  if available[i] < ask.need then enough = false end
end

local reply = {'leased', text(now), text(today)}
for i, ask in ipairs(input.asks) do
  local use, granted = uses[i], 0
  if enough then
    local ahead = math.max(ask.queue, math.min(ask.want, left_over[i] * input.part))
    granted = math.max(ask.need, math.floor(math.min(available[i], ahead)))
  end
  use.bucket = ask.burst and use.bucket + granted or 0
  use.ofDay, use.ofMonth, use.unsaved = use.ofDay + granted, use.ofMonth + granted, use.unsaved + granted
  -- A refused tenant may have something coming back.
  local bound = math.min(ask.perDay or math.huge, ask.perMonth or math.huge)
  local due = now - use.savedAt >= (enough and input.saveSeconds or 1) or use.unsaved >= input.savePart * bound
  if due then use.savedAt, use.unsaved = now, 0 end
  write(KEYS[i], use)
  for _, number in ipairs({granted, use.bucket, use.ofDay, use.ofMonth, due and 1 or 0, use.seenDay, use.seenMonth}) do
    reply[#reply + 1] = text(number)
  end
end
return reply`);

/** Input: for each key a use to begin with, `{bucket, at, day, ofDay, ofMonth, seenDay, seenMonth}`; what exists stays. */
export const seedScript = script(`${shared}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 0 then
    local use = input[i]
    use.unsaved, use.savedAt, use.perSecond = 0, now, 0
    write(key, use)
  end
end
return 1`);

/** Input: for each key `[[day, amount, age in seconds]]`. Keys that are lost stay so. */
export const giveBackScript = script(`${shared}
for i, key in ipairs(KEYS) do
  local use = read(key)
  if use then
    take_back(use, input[i])
    for _, one in ipairs(input[i]) do
      use.bucket = math.max(0, use.bucket - math.max(0, one[2] - use.perSecond * one[3]))
    end
    write(key, use)
  end
end
return 1`);

/**
 * Input: for each key `{day, ofDay, ofMonth, toBucket}`: totals that came back. Counts what is more than the totals seen,
 * so that a repeated call changes nothing but the bucket.
 */
export const settleScript = script(`${shared}
for i, key in ipairs(KEYS) do
  local use, total = read(key), input[i]
  if use then
    if use.day == total.day and total.ofDay > use.seenDay then
      use.ofDay = math.max(0, use.ofDay - (total.ofDay - use.seenDay))
      use.seenDay = total.ofDay
    end
    if month_of(use.day) == month_of(total.day) and total.ofMonth > use.seenMonth then
      use.ofMonth = math.max(0, use.ofMonth - (total.ofMonth - use.seenMonth))
      use.seenMonth = total.ofMonth
    end
    use.bucket = math.max(0, use.bucket - total.toBucket)
    write(key, use)
  end
end
return 1`);
