// What lies between two products: rows of floats, [rows, columns], that stay on the device. Follows ternary.cl.
//
// xAt     where the rows begin in x; the others begin at 0 unless they have such a parameter, too
// columns of a row, in all operands
//
// A group of 64 items computes a row, or 64 columns of one; the second dimension of groups are the rows. Each result
// has the bits of the operation on the processor: sums have the order of FloatMath, nothing is fused that isn't there.

#ifdef NV_DP4A
#define TIMES(a, b) product(a, b)
#else
#define TIMES(a, b) ((a) * (b))
#endif

#define PER_ROW(name) __kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void name
#define LANES 16 // of a sum, as in SumTree

// The last step of a product: y = y * the scale of the row of activations + bias.
PER_ROW(finish)(__global float *y, int yAt, __global const float *scales, __global const float *bias, int hasBias,
        int columns) {
    const int column = get_global_id(0);
    if (column < columns) {
        y += yAt + (size_t) get_group_id(1) * columns;
        y[column] = TIMES(y[column], scales[get_group_id(1)]) + (hasBias ? bias[column] : 0.0f); // -0 becomes +0
    }
}

PER_ROW(plus)(__global const float *a, int aAt, __global const float *b, int bAt, __global float *y, int columns) {
    const int column = get_global_id(0);
    const size_t row = (size_t) get_group_id(1) * columns;
    if (column < columns) {
        y[row + column] = a[aAt + row + column] + b[bAt + row + column];
    }
}

PER_ROW(squared_relu_times)(__global const float *x, int xAt, __global const float *up, int upAt, __global float *y,
        int columns) {
    const int column = get_global_id(0);
    const size_t row = (size_t) get_group_id(1) * columns;
    if (column < columns) {
        const float v = x[xAt + row + column];
        const float positive = v > 0.0f || isnan(v) ? v : 0.0f;
        y[row + column] = positive * positive * up[upAt + row + column];
    }
}

PER_ROW(rms_norm)(__global const float *x, int xAt, __global const float *weight, float eps, __global float *y,
        int columns) {
    __local float sums[LANES];
    __local float inverse;
    const int item = get_local_id(0);
    const size_t row = (size_t) get_group_id(1) * columns;
    x += xAt + row;
    if (item < LANES) {
        float sum = 0;
        for (int i = item; i < columns; i += LANES) {
            sum = fma(x[i], x[i], sum);
        }
        sums[item] = sum;
    }
    for (int reach = LANES / 2; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < reach) {
            sums[item] += sums[item + reach];
        }
    }
    if (item == 0) {
        inverse = 1.0f / sqrt(sums[0] / convert_float(columns) + eps);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < columns; i += ITEMS) {
        y[row + i] = x[i] * inverse * weight[i];
    }
}

// Rows as products read them: int8, each block of columns padded with zeros to whole vectors. The scale of a row with a
// value that int8 can't represent is NaN.
PER_ROW(quantize)(__global const float *x, int xAt, __global char *q, __global float *scales, int columns,
        int blockColumns, int blockBytes, int blocks) {
    __local float largest[ITEMS];
    const int item = get_local_id(0);
    const int row = get_group_id(1);
    x += xAt + (size_t) row * columns;
    q += (size_t) row * blocks * blockBytes;
    float most = 0;
    for (int i = item; i < columns; i += ITEMS) {
        most = isnan(x[i]) ? INFINITY : fmax(most, fabs(x[i]));
    }
    largest[item] = most;
    for (int reach = ITEMS / 2; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < reach) {
            largest[item] = fmax(largest[item], largest[item + reach]);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const bool isFinite = largest[0] <= FLT_MAX;
    const float m = fmax(largest[0], 1e-5f);
    const float factor = 127.0f / m;
    for (int i = item; i < blocks * blockBytes; i += ITEMS) {
        const int inBlock = i % blockBytes;
        const int column = i / blockBytes * blockColumns + inBlock;
        const bool isThere = isFinite && inBlock < blockColumns && column < columns;
        q[i] = isThere ? convert_char_rte(x[column] * factor) : 0;
    }
    if (item == 0) {
        scales[row] = isFinite ? m / 127.0f : NAN;
    }
}
