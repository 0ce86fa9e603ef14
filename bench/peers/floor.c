/*
 * The floor: what the codecs alone cost. Decodes a JPEG once at a scale of 1/denominator, and encodes ready pixels as
 * WebP (method 4), JPEG (4:2:0, optimised Huffman codes) and AVIF (libaom at its fastest, 4:2:0, one thread). Nothing is
 * resized or drawn.
 *
 *   floor <jpeg> <denominator> {<preset> <format> <quality> <file of RGB> <width> <height>}...
 *
 * Answers each line on its standard input with one line of JSON, as every other way does, and writes the files to the
 * folder that it names as "keep".
 */
#include <avif/avif.h>
#include <stdio.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <webp/encode.h>

struct raster {
  const char *preset, *format;
  int quality;
  unsigned char *pixels;
  int width, height;
};

/* An encoded file; whoever gets it frees the bytes. */
struct file {
  unsigned char *bytes;
  size_t length;
};

static unsigned char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = malloc(*length);
  if (!bytes || fread(bytes, 1, *length, file) != *length) exit(2);
  fclose(file);
  return bytes;
}

static void decode(const unsigned char *bytes, size_t length, unsigned denominator) {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes, length);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.scale_num = 1;
  jpeg.scale_denom = denominator;
  jpeg.out_color_space = JCS_RGB;
  jpeg_start_decompress(&jpeg);
  size_t stride = (size_t)jpeg.output_width * 3;
  unsigned char *pixels = malloc(stride * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels + stride * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  free(pixels);
}

static struct file encode_jpeg(const struct raster *from) {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *out = NULL;
  unsigned long length = 0;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &out, &length);
  jpeg.image_width = (JDIMENSION)from->width;
  jpeg.image_height = (JDIMENSION)from->height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, from->quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = from->pixels + (size_t)jpeg.next_scanline * from->width * 3;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  return (struct file){out, length};
}

static struct file encode_webp(const struct raster *from) {
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, (float)from->quality);
  config.method = 4;
  WebPPictureInit(&picture);
  picture.width = from->width;
  picture.height = from->height;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (!WebPPictureImportRGB(&picture, from->pixels, from->width * 3) || !WebPEncode(&config, &picture)) exit(3);
  WebPPictureFree(&picture);
  return (struct file){writer.mem, writer.size};
}

static struct file encode_avif(const struct raster *from) {
  avifImage *image = avifImageCreate((uint32_t)from->width, (uint32_t)from->height, 8, AVIF_PIXEL_FORMAT_YUV420);
  avifEncoder *encoder = avifEncoderCreate();
  avifRGBImage rgb;
  avifRWData out = AVIF_DATA_EMPTY;
  if (!image || !encoder) exit(3);
  image->colorPrimaries = AVIF_COLOR_PRIMARIES_BT709;
  image->transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_SRGB;
  image->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601;
  avifRGBImageSetDefaults(&rgb, image);
  rgb.format = AVIF_RGB_FORMAT_RGB;
  rgb.pixels = from->pixels;
  rgb.rowBytes = (uint32_t)from->width * 3;
  encoder->codecChoice = AVIF_CODEC_CHOICE_AOM;
  encoder->maxThreads = 1;
  encoder->speed = 9;
#if AVIF_VERSION >= 1000000
  encoder->quality = from->quality;
#else
  char level[12];
  snprintf(level, sizeof level, "%d", ((100 - from->quality) * 63 + 50) / 100);
  encoder->minQuantizer = 0;
  encoder->maxQuantizer = 63;
  avifEncoderSetCodecSpecificOption(encoder, "end-usage", "q");
  avifEncoderSetCodecSpecificOption(encoder, "cq-level", level);
#endif
  if (avifImageRGBToYUV(image, &rgb) != AVIF_RESULT_OK || avifEncoderWrite(encoder, image, &out) != AVIF_RESULT_OK)
    exit(3);
  avifEncoderDestroy(encoder);
  avifImageDestroy(image);
  return (struct file){out.data, out.size};
}

static struct file encode(const struct raster *from) {
  if (strcmp(from->format, "webp") == 0) return encode_webp(from);
  if (strcmp(from->format, "avif") == 0) return encode_avif(from);
  return encode_jpeg(from);
}

/* Each library frees its own. */
static void release(const struct raster *from, struct file file) {
  avifRWData data = {file.bytes, file.length};
  if (strcmp(from->format, "webp") == 0)
    WebPFree(file.bytes);
  else if (strcmp(from->format, "avif") == 0)
    avifRWDataFree(&data);
  else
    free(file.bytes);
}

/* The folder in a request like {"photograph":"jpeg-12","keep":"/tmp/x"}; empty for none. Paths have no quotes. */
static void keep_of(const char *line, char *folder, size_t most) {
  const char *found = strstr(line, "\"keep\":\"");
  size_t length = 0;
  if (found) {
    found += strlen("\"keep\":\"");
    length = strcspn(found, "\"");
  }
  if (length >= most) exit(2);
  memcpy(folder, found ? found : "", length);
  folder[length] = 0;
}

static void write_file(const char *folder, const struct raster *from, struct file file) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.%s", folder, from->preset, from->format);
  FILE *out = fopen(path, "wb");
  if (!out || fwrite(file.bytes, 1, file.length, out) != file.length || fclose(out) != 0) {
    perror(path);
    exit(2);
  }
}

static double cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* CPU since the last call. */
static double since(double *last) {
  double now = cpu_ms(), spent = now - *last;
  *last = now;
  return spent;
}

static double wall_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Not ru_maxrss, which begins with what the process had that forked this one. */
static double peak_mb(void) {
  char line[256];
  long kilobytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &kilobytes);
  if (file) fclose(file);
  return (double)kilobytes / 1024;
}

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "--version") == 0) {
    int webp = WebPGetEncoderVersion();
    char codecs[256];
    avifCodecVersions(codecs);
    const char *aom = strstr(codecs, "aom");
    printf("libjpeg-turbo %s, libwebp %d.%d.%d, libavif %s (%.*s)\n", TEXT(LIBJPEG_TURBO_VERSION), webp >> 16,
           (webp >> 8) & 255, webp & 255, avifVersion(), aom ? (int)strcspn(aom, ",") : 1, aom ? aom : "?");
    return 0;
  }
  if (count < 9 || (count - 3) % 6 != 0) {
    fprintf(stderr, "floor <jpeg> <denominator> {<preset> <format> <quality> <file of RGB> <width> <height>}...\n");
    return 2;
  }
  size_t length, ignored;
  unsigned char *jpeg = read_file(words[1], &length);
  unsigned denominator = (unsigned)atoi(words[2]);
  int rasters = (count - 3) / 6;
  struct raster raster[16];
  if (rasters > 16) return 2;
  for (int at = 0; at < rasters; at++) {
    char **of = words + 3 + at * 6;
    raster[at] = (struct raster){of[0], of[1], atoi(of[2]), read_file(of[3], &ignored), atoi(of[4]), atoi(of[5])};
    if (ignored != (size_t)raster[at].width * raster[at].height * 3) return 2;
  }
  char line[4096], keep[2048];
  while (fgets(line, sizeof line, stdin)) {
    char bytes[2048] = "", parts[2048];
    keep_of(line, keep, sizeof keep);
    double cpu = cpu_ms(), wall = wall_ms(), last = cpu;
    decode(jpeg, length, denominator);
    int told = snprintf(parts, sizeof parts, "\"decode\":%.3f", since(&last));
    int counted = 0;
    for (int at = 0; at < rasters; at++) {
      struct file made = encode(&raster[at]);
      if (keep[0]) write_file(keep, &raster[at], made);
      release(&raster[at], made);
      const char *name = raster[at].preset, *format = raster[at].format;
      counted += snprintf(bytes + counted, sizeof bytes - counted, "%s\"%s.%s\":%zu", at ? "," : "", name, format,
                          made.length);
      told += snprintf(parts + told, sizeof parts - told, ",\"%s.%s\":%.3f", name, format, since(&last));
    }
    printf("{\"cpuMs\":%.3f,\"wallMs\":%.3f,\"peakRssMb\":%.1f,\"bytes\":{%s},\"parts\":{%s}}\n", cpu_ms() - cpu,
           wall_ms() - wall, peak_mb(), bytes, parts);
    fflush(stdout);
  }
  return 0;
}
