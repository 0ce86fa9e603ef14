/*
 * The floor: what the codecs alone cost. Decodes a JPEG once at a scale of 1/denominator, and encodes ready pixels as
 * WebP (quality 80, method 4) and JPEG (quality 80, 4:2:0, optimised Huffman codes). Nothing is resized or drawn.
 *
 *   floor <jpeg> <denominator> {<preset> <file of RGB> <width> <height>}...
 *
 * Answers each line on its standard input with one line of JSON, as every other way does.
 */
#include <stdio.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <webp/encode.h>

struct raster {
  const char *preset;
  unsigned char *pixels;
  int width, height;
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

static size_t encode_jpeg(const struct raster *from) {
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
  jpeg_set_quality(&jpeg, 80, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = from->pixels + (size_t)jpeg.next_scanline * from->width * 3;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  free(out);
  return length;
}

static size_t encode_webp(const struct raster *from) {
  WebPConfig config;
  WebPPicture picture;
  WebPMemoryWriter writer;
  WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, 80);
  config.method = 4;
  WebPPictureInit(&picture);
  picture.width = from->width;
  picture.height = from->height;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  if (!WebPPictureImportRGB(&picture, from->pixels, from->width * 3) || !WebPEncode(&config, &picture)) exit(3);
  size_t length = writer.size;
  WebPPictureFree(&picture);
  WebPMemoryWriterClear(&writer);
  return length;
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
    printf("libjpeg-turbo %s, libwebp %d.%d.%d\n", TEXT(LIBJPEG_TURBO_VERSION), webp >> 16, (webp >> 8) & 255, webp & 255);
    return 0;
  }
  if (count < 7 || (count - 3) % 4 != 0) {
    fprintf(stderr, "floor <jpeg> <denominator> {<preset> <file of RGB> <width> <height>}...\n");
    return 2;
  }
  size_t length, ignored;
  unsigned char *jpeg = read_file(words[1], &length);
  unsigned denominator = (unsigned)atoi(words[2]);
  int rasters = (count - 3) / 4;
  struct raster raster[16];
  if (rasters > 16) return 2;
  for (int at = 0; at < rasters; at++) {
    char **of = words + 3 + at * 4;
    raster[at] = (struct raster){of[0], read_file(of[1], &ignored), atoi(of[2]), atoi(of[3])};
    if (ignored != (size_t)raster[at].width * raster[at].height * 3) return 2;
  }
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    char bytes[2048] = "", parts[2048];
    double cpu = cpu_ms(), wall = wall_ms(), last = cpu;
    decode(jpeg, length, denominator);
    int told = snprintf(parts, sizeof parts, "\"decode\":%.3f", since(&last));
    int counted = 0;
    for (int at = 0; at < rasters; at++) {
      size_t webp = encode_webp(&raster[at]);
      double webp_ms = since(&last);
      size_t jpg = encode_jpeg(&raster[at]);
      double jpeg_ms = since(&last);
      const char *name = raster[at].preset;
      counted += snprintf(bytes + counted, sizeof bytes - counted, "%s\"%s.webp\":%zu,\"%s.jpeg\":%zu", at ? "," : "",
                          name, webp, name, jpg);
      told += snprintf(parts + told, sizeof parts - told, ",\"%s.webp\":%.3f,\"%s.jpeg\":%.3f", name, webp_ms, name,
                       jpeg_ms);
    }
    printf("{\"cpuMs\":%.3f,\"wallMs\":%.3f,\"peakRssMb\":%.1f,\"bytes\":{%s},\"parts\":{%s}}\n", cpu_ms() - cpu,
           wall_ms() - wall, peak_mb(), bytes, parts);
    fflush(stdout);
  }
  return 0;
}
