// Sums of ternary weights times int8 activations, times the scales of the weights.
//
// x       [rows, blocks, words]: 16 int8 activations in each vector, zeros where a block ends earlier
// y       for each layer [rows, outs], one layer after the other
//
// A launch computes up to three layers that read x; of those that it lacks, outs is 0. Of each layer, with a number
// after the name:
// w       [out, blocks, words]: 16 columns of a row in each word. Column 4k + i has trit + 1 in bits 8i + 2k, so that
//         w >> 2k & 0x03030303 are the columns 4k to 4k + 3 as four bytes.
// scales  [out, blocks], or one for all with scaleStep = 0
// from    the row of weights of the first result
// outs    the number of results: those for the rows of weights from, from + 1, ... from + outs - 1
//
// Sums are exact: they are formed in 32 bits, modulo 2^32, and the sum of all activations is subtracted once since the
// weights have 1 added. A sum is rounded to a float, and multiplied with the scale of its block; blocks are added in
// ascending order, beginning with the first product. Nothing may be fused, as ScalarKernel fuses nothing.

#pragma OPENCL FP_CONTRACT OFF

#define CODES 0x03030303u
#define ONES 0x01010101u

// Four products of signed bytes.
#if !defined(PLAIN) && defined(__opencl_c_integer_dot_product_input_4x8bit_packed)
uint dot4(uint w, uint x, uint sum) {
    return sum + as_uint(dot_4x8packed_ss_int(w, x));
}
#elif !defined(PLAIN) && defined(__AMDGCN__) && (defined(__GFX11__) || defined(__GFX12__))
uint dot4(uint w, uint x, uint sum) {
    return as_uint(__builtin_amdgcn_sudot4(true, as_int(w), true, as_int(x), as_int(sum), false));
}
#elif !defined(PLAIN) && defined(__AMDGCN__)
uint dot4(uint w, uint x, uint sum) {
    return as_uint(__builtin_amdgcn_sdot4(as_int(w), as_int(x), as_int(sum), false));
}
#elif defined(NV_DP4A) // NVIDIA, from compute capability 6.1 on
uint dot4(uint w, uint x, uint sum) {
    uint result;
    __asm__("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(w), "r"(x), "r"(sum));
    return result;
}
#else
uint dot4(uint w, uint x, uint sum) {
    int4 products = convert_int4(as_char4(w)) * convert_int4(as_char4(x));
    return sum + as_uint(products.s0 + products.s1 + products.s2 + products.s3);
}
#endif

uint dot16(uint w, uint4 x, uint sum) {
    sum = dot4(w & CODES, x.s0, sum);
    sum = dot4(w >> 2 & CODES, x.s1, sum);
    sum = dot4(w >> 4 & CODES, x.s2, sum);
    return dot4(w >> 6 & CODES, x.s3, sum);
}

uint sum16(uint4 x, uint sum) {
    return dot4(ONES, x.s3, dot4(ONES, x.s2, dot4(ONES, x.s1, dot4(ONES, x.s0, sum))));
}

#ifdef NV_DP4A // an instruction that no compiler fuses with a sum
float product(float a, float b) {
    float result;
    __asm__("mul.rn.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
    return result;
}
#define PRODUCT(sum, ones, scale) product(convert_float(as_int((sum) - (ones))), scale)
#else // A macro: some compilers see that a product and a sum must not be fused only if both are in one expression.
#define PRODUCT(sum, ones, scale) (convert_float(as_int((sum) - (ones))) * (scale))
#endif

// ---------------------------------------------------------------- layers

#define PARAMETERS(n) \
    __global const uint *w##n, __global const float *scales##n, int scaleStep##n, int from##n, int outs##n
#define LAYERS PARAMETERS(0), PARAMETERS(1), PARAMETERS(2)

// The kernels' parameters, which layer_of_group passes on.
#define KERNEL(name, ITEMS_0, ITEMS_1) \
    __kernel __attribute__((reqd_work_group_size(ITEMS_0, ITEMS_1, 1))) \
    void name(__global const uint4 *x, __global float *y, int words, int blocks, int rows, LAYERS)
#define ARGUMENTS(n) w##n, scales##n, scaleStep##n, from##n, outs##n
#define LAYER_OF_GROUP(size) \
    layer_of_group(size, y, words, blocks, rows, ARGUMENTS(0), ARGUMENTS(1), ARGUMENTS(2))

// What a group of items computes.
typedef struct {
    __global const uint *w; // from the first result of the layer on
    __global const float *scales;
    int scaleStep;
    int outs;
    __global float *y;
    int first; // result of the group
} Layer;

// A group computes `size` results; the groups of the first layer come first.
__attribute__((always_inline))
Layer layer_of_group(int size, __global float *y, int words, int blocks, int rows, LAYERS) {
    Layer layer = {w0, scales0, scaleStep0, outs0, y, 0};
    int from = from0;
    int group = get_group_id(0);
    int groups = (outs0 + size - 1) / size;
    if (group >= groups) {
        group -= groups;
        groups = (outs1 + size - 1) / size;
        y += (size_t) rows * outs0;
        layer = (Layer) {w1, scales1, scaleStep1, outs1, y, 0};
        from = from1;
        if (group >= groups) {
            group -= groups;
            layer = (Layer) {w2, scales2, scaleStep2, outs2, y + (size_t) rows * outs1, 0};
            from = from2;
        }
    }
    layer.w += (size_t) from * blocks * words;
    layer.scales += (size_t) from * blocks * layer.scaleStep;
    layer.first = group * size;
    return layer;
}

// ---------------------------------------------------------------- a row of activations

#define ITEMS 64
#define OUTS 4

// One block of scales. A group of 64 items computes 4 outputs of a row of activations; each item adds up every 64th
// word.
KERNEL(row, ITEMS, 1) {
    __local uint sums[OUTS][ITEMS];
    const Layer layer = LAYER_OF_GROUP(OUTS);
    const int item = get_local_id(0);
    x += (size_t) get_group_id(1) * words;
    const int last = layer.outs - 1; // rest of the group computes it again
    __global const uint *a = layer.w + (size_t) min(layer.first, last) * words;
    __global const uint *b = layer.w + (size_t) min(layer.first + 1, last) * words;
    __global const uint *c = layer.w + (size_t) min(layer.first + 2, last) * words;
    __global const uint *d = layer.w + (size_t) min(layer.first + 3, last) * words;
    uint s0 = 0, s1 = 0, s2 = 0, s3 = 0, ones = 0;
    for (int i = item; i < words; i += ITEMS) {
        const uint4 v = x[i];
        ones = sum16(v, ones);
        s0 = dot16(a[i], v, s0);
        s1 = dot16(b[i], v, s1);
        s2 = dot16(c[i], v, s2);
        s3 = dot16(d[i], v, s3);
    }
    sums[0][item] = s0 - ones;
    sums[1][item] = s1 - ones;
    sums[2][item] = s2 - ones;
    sums[3][item] = s3 - ones;
    for (int reach = ITEMS / 2; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = item; i < OUTS * reach; i += ITEMS) {
            sums[i / reach][i % reach] += sums[i / reach][i % reach + reach];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const int out = layer.first + item;
    if (item < OUTS && out < layer.outs) {
        layer.y[(size_t) get_group_id(1) * layer.outs + out] =
                PRODUCT(sums[item][0], 0, layer.scales[layer.scaleStep * out]);
    }
}

// Several blocks of scales. As above, but each item adds up every 64th block; one item for each output adds the blocks.
KERNEL(row_of_blocks, ITEMS, 1) {
    __local float products[OUTS][ITEMS];
    const Layer layer = LAYER_OF_GROUP(OUTS);
    const int item = get_local_id(0);
    x += (size_t) get_group_id(1) * blocks * words;
    float total = 0;
    for (int begin = 0; begin < blocks; begin += ITEMS) {
        const int block = begin + item;
        if (block < blocks) {
            size_t at[OUTS];
            uint sums[OUTS] = {0};
            uint ones = 0;
            #pragma unroll
            for (int i = 0; i < OUTS; i++) {
                at[i] = (size_t) min(layer.first + i, layer.outs - 1) * blocks + block;
            }
            for (int k = 0; k < words; k++) {
                const uint4 v = x[(size_t) block * words + k];
                ones = sum16(v, ones);
                #pragma unroll
                for (int i = 0; i < OUTS; i++) {
                    sums[i] = dot16(layer.w[at[i] * words + k], v, sums[i]);
                }
            }
            #pragma unroll
            for (int i = 0; i < OUTS; i++) {
                products[i][item] = PRODUCT(sums[i], ones, layer.scales[layer.scaleStep * at[i]]);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < OUTS) {
            for (int i = 0; i < min(ITEMS, blocks - begin); i++) {
                total = begin + i == 0 ? products[item][0] : total + products[item][i];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item < OUTS && layer.first + item < layer.outs) {
        layer.y[(size_t) get_group_id(1) * layer.outs + layer.first + item] = total;
    }
}

// ---------------------------------------------------------------- many rows of activations

#define TILE_OUTS 128
#define TILE_ROWS 16
#define STEP 4
#define EACH 4 // outputs and rows of an item

// A group of 32 x 4 items computes 128 outputs of 16 rows, four words at a time, which it shares in local memory.
KERNEL(tiles, TILE_OUTS / EACH, TILE_ROWS / EACH) {
    __local uint ws[STEP][TILE_OUTS + 8]; // lanes that store words of one row reach different banks
    __local uint4 xs[STEP][TILE_ROWS];
    __local uint onesOf[STEP][TILE_ROWS]; // sums of activations, by the item that loads them
    const Layer layer = LAYER_OF_GROUP(TILE_OUTS);
    const int lane = get_local_id(0);
    const int quad = get_local_id(1) * EACH; // the first row of the item in the tile
    const int item = get_local_id(1) * (TILE_OUTS / EACH) + lane;
    const int firstRow = get_group_id(1) * TILE_ROWS;
    const int loadWord = item / TILE_ROWS;
    x += (size_t) min(firstRow + item % TILE_ROWS, rows - 1) * blocks * words;
    float totals[EACH][EACH];
    for (int block = 0; block < blocks; block++) {
        uint sums[EACH][EACH] = {{0}};
        uint loaded = 0;
        for (int begin = 0; begin < words; begin += STEP) {
            barrier(CLK_LOCAL_MEM_FENCE);
            #pragma unroll
            for (int i = 0; i < STEP; i++) { // neighbours load neighbouring words; zeros beyond the end
                const int k = item % STEP;
                const int o = (item + i * TILE_OUTS) / STEP;
                const size_t row = (size_t) min(layer.first + o, layer.outs - 1) * blocks + block;
                ws[k][o] = begin + k < words ? layer.w[row * words + begin + k] : 0;
            }
            if (loadWord < STEP) {
                const uint4 v =
                        begin + loadWord < words ? x[(size_t) block * words + begin + loadWord] : (uint4)(0);
                xs[loadWord][item % TILE_ROWS] = v;
                loaded = sum16(v, loaded);
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            #pragma unroll
            for (int k = 0; k < STEP; k++) {
                #pragma unroll
                for (int j = 0; j < EACH; j++) {
                    const uint4 v = xs[k][quad + j];
                    #pragma unroll
                    for (int i = 0; i < EACH; i++) {
                        sums[j][i] = dot16(ws[k][lane + i * (TILE_OUTS / EACH)], v, sums[j][i]);
                    }
                }
            }
        }
        if (loadWord < STEP) {
            onesOf[loadWord][item % TILE_ROWS] = loaded;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        uint ones[EACH] = {0};
        #pragma unroll
        for (int k = 0; k < STEP; k++) {
            #pragma unroll
            for (int j = 0; j < EACH; j++) {
                ones[j] += onesOf[k][quad + j];
            }
        }
        #pragma unroll
        for (int i = 0; i < EACH; i++) {
            const int o = min(layer.first + lane + i * (TILE_OUTS / EACH), layer.outs - 1);
            const float scale = layer.scales[layer.scaleStep * ((size_t) o * blocks + block)];
            #pragma unroll
            for (int j = 0; j < EACH; j++) {
                totals[j][i] = block == 0 ? PRODUCT(sums[j][i], ones[j], scale)
                        : totals[j][i] + PRODUCT(sums[j][i], ones[j], scale);
            }
        }
    }
    #pragma unroll
    for (int i = 0; i < EACH; i++) {
        const int o = layer.first + lane + i * (TILE_OUTS / EACH);
        #pragma unroll
        for (int j = 0; j < EACH; j++) {
            if (o < layer.outs && firstRow + quad + j < rows) {
                layer.y[(size_t) (firstRow + quad + j) * layer.outs + o] = totals[j][i];
            }
        }
    }
}
